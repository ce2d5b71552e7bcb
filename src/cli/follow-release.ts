import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../errors.ts';
import { isOpen } from '../model/release.ts';
import type { ApiClient } from './api-client.ts';
import { historySchema, type ReleaseResponse } from './api-schema.ts';
import { sayingOf } from './describe.ts';

/** Milliseconds between two looks. */
const LOOK_MS = 500;

/** Releases that may come after the one that is followed, before it is looked for again. */
const LOOKED_AT = '20';

export interface FollowOptions {
  timeoutMs: number;
  /** Aborts the following, not the release. */
  signal: AbortSignal;
  /** Called if the release has another state than before, or says something else. */
  onChange(release: ReleaseResponse): void;
  /** Called once when the server becomes unreachable; following goes on until `timeoutMs`. */
  onUnreachable(error: SlipwayError): void;
}

/** The response of `POST /api/deploy`: what was requested. */
export interface Asked {
  target: string;
  commit: string;
  revision: number;
}

/**
 * Resolves to the requested release once it has ended, or to a later one of another commit. A release that is blocked has not ended: what it waits for starts it again. Throws WAIT_TIMEOUT
 * after `timeoutMs`, and what the API refuses.
 */
export async function followRelease(
  asked: Asked,
  api: ApiClient,
  { timeoutMs, signal, onChange, onUnreachable }: FollowOptions,
): Promise<ReleaseResponse> {
  const until = performance.now() + timeoutMs;
  let last: ReleaseResponse | undefined;
  let wasReachable = true;
  while (performance.now() < until) {
    try {
      const found = await newestSince(asked, api);
      wasReachable = true;
      if (found && (found.state !== last?.state || sayingOf(found) !== sayingOf(last))) onChange(found);
      last = found;
      if (found && hasEnded(found, asked)) return found;
    } catch (error) {
      if (!(error instanceof SlipwayError && error.retryable)) throw error;
      if (wasReachable) onUnreachable(error);
      wasReachable = false;
    }
    await sleep(LOOK_MS, undefined, { signal });
  }
  throw new SlipwayError('WAIT_TIMEOUT', notEnded(asked, last, timeoutMs));
}

/** The release of the revision itself, else the newest one of a later revision. */
async function newestSince(
  { target, revision }: Asked,
  api: ApiClient,
): Promise<ReleaseResponse | undefined> {
  const { releases } = await api.get('/api/targets/history', historySchema, { target, limit: LOOKED_AT });
  return releases.find((one) => one.revision === revision) ?? releases.find((one) => one.revision > revision);
}

function hasEnded(release: ReleaseResponse, asked: Asked): boolean {
  return isOvertaken(release, asked) || !(isOpen(release.state) || release.state === 'blocked');
}

/** Whether a later revision deploys another commit. A later revision of the same commit is as good as the requested one. */
export function isOvertaken({ revision, commit }: ReleaseResponse, asked: Asked): boolean {
  return revision > asked.revision && commit !== asked.commit;
}

function notEnded({ target }: Asked, last: ReleaseResponse | undefined, timeoutMs: number): string {
  const state = last ? `is ${last.state}` : 'has not begun';
  return `the release of ${target} ${state} after ${Math.round(timeoutMs / 1_000)} s`;
}
