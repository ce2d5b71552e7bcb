import { SlipwayError, toSlipwayError } from '../../errors.ts';
import type { CommitReportKey } from '../../model/commit-report.ts';
import type { CommitReportStore } from '../../ports/commit-reports.ts';
import type { Deliveries } from '../../ports/deliveries.ts';
import type { CommitStatus, Forge } from '../../ports/forge.ts';
import type { Logger } from '../../telemetry/logger.ts';

/** A report that is being sent. */
export interface Sending {
  key: CommitReportKey;
  forge: Forge;
  /** `CommitReportStore.changedAt`, before the report was read. */
  changedAt: string | null;
  /** `CommitReportStore.sent`, kept up to date. */
  sent: Record<string, string>;
  signal: AbortSignal;
  ports: {
    reports: Pick<CommitReportStore, 'markSent'>;
    deliveries: Pick<Deliveries, 'pullsOf'>;
    log: Logger;
  };
  /** Whether the forge has taken a status. */
  isTaken: boolean;
}

/** Not all servers of a forge have a commit at the moment of its webhook. A commit unknown for this long is gone. */
const MISSING_MS = 120_000;

/** Posts the statuses that the forge does not have on the commit yet, each under its context. */
export async function postMissing(sending: Sending, commit: string, wanted: CommitStatus[]): Promise<void> {
  for (const status of wanted) {
    const text = `${status.state} ${status.description}`;
    if (sending.sent[`${commit} ${status.context}`] !== text) await post(sending, commit, status, text);
  }
}

/** A status that the forge will never accept is logged and dropped; the release page still shows the result. */
async function post(sending: Sending, commit: string, status: CommitStatus, text: string): Promise<void> {
  const { key, forge, sent, signal, ports } = sending;
  const place = sent[placeField(commit)];
  try {
    const found = await forge.postStatus(key.repository, commit, { ...status, place }, signal);
    sending.isTaken = true;
    await mark(sending, {
      [`${commit} ${status.context}`]: text,
      ...(found === undefined ? {} : { [placeField(commit)]: found }),
    });
  } catch (error) {
    const { code, message: reason } = finalOr(sending, error);
    const { context } = status;
    ports.log.error({ repository: key.repository, commit, context, code, reason }, 'status refused');
  }
}

/** Where it is kept where the forge has the commit's statuses. Contexts contain no space. */
export function placeField(commit: string): string {
  return `place of ${commit}`;
}

/** Remembers what the forge has, also for the rest of this sending. */
export async function mark({ key, sent, ports }: Sending, fields: Record<string, string>): Promise<void> {
  Object.assign(sent, fields);
  await ports.reports.markSent(key, fields);
}

/**
 * The error, if trying again is in vain. Throws what is to be tried again: a retryable error, refused credentials, and
 * for a while a commit that the forge does not have.
 */
export function finalOr({ changedAt }: Sending, error: unknown): SlipwayError {
  const known = toSlipwayError(error);
  const { code, message, hint } = known;
  if (known.retryable || code === 'FORGE_REFUSED') throw known;
  const isRecent = changedAt !== null && Date.now() - Number(changedAt) < MISSING_MS;
  if (code === 'COMMIT_MISSING' && isRecent) throw new SlipwayError('FORGE_UNREACHABLE', message, { hint });
  return known;
}
