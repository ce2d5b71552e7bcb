import {
  CONFIG_SCOPE,
  type CommitReport,
  type CommitReportKey,
  type CommitReportLine,
  MAX_APP_CONTEXTS,
} from '../../model/commit-report.ts';
import { isOpen } from '../../model/release.ts';
import { parseTargetId } from '../../model/target.ts';
import type { CommitStatus } from '../../ports/forge.ts';

/** https://docs.github.com/en/rest/commits/statuses: GitHub cuts nothing, it refuses. */
const MAX_DESCRIPTION = 140;

/** A status with the release whose page it links to and, for `superseded`, the commit that took its place. */
export interface WantedStatus extends CommitStatus {
  release?: string | undefined;
  supersededBy?: string | undefined;
}

/** What the forge should say now about one commit and one scope, from the state at this moment. */
export function statusesOf(key: CommitReportKey, { lines }: CommitReport): WantedStatus[] {
  if (key.scope === CONFIG_SCOPE) return lines.map(configStatus);
  const context = `slipway/${key.scope}`;
  const all = overall(context, lines);
  const apps = lines.filter((line) => line.target !== undefined);
  if (apps.length > MAX_APP_CONTEXTS) return [all];
  return [all, ...apps.map((line) => single(`${context}/${appOf(line)}`, line, describe(line)))];
}

function configStatus(line: CommitReportLine): WantedStatus {
  return single('slipway/config', line, line.reason ?? 'slipway.yaml is invalid');
}

function overall(context: string, lines: CommitReportLine[]): WantedStatus {
  const first = lines.toSorted((a, b) => rank(a) - rank(b))[0];
  if (!first) return { context, state: 'success', description: 'nothing to deploy' };
  if (lines.length === 1) return single(context, first, named(first));
  // One text while it lasts: a status that counts along would use up what a forge allows in an hour.
  if (rank(first) === 1 && lines.length > MAX_APP_CONTEXTS) {
    return single(context, first, `deploying ${lines.length} targets`);
  }
  const description = rank(first) === 0 ? `${countStates(lines)}; ${named(first)}` : countStates(lines);
  return single(context, first, description);
}

/** The worst first: failure if any failed, else pending if any is open, else superseded, else success. */
function rank(line: CommitReportLine): number {
  const state = forgeState(line);
  return ['failure', 'pending', 'superseded', 'success'].indexOf(state);
}

function forgeState({ state }: CommitReportLine): CommitStatus['state'] {
  if (state === 'failed' || state === 'rolled-back') return 'failure';
  if (isOpen(state) || state === 'blocked') return 'pending';
  return state === 'superseded' ? 'superseded' : 'success';
}

function single(context: string, line: CommitReportLine, description: string): WantedStatus {
  return {
    context,
    state: forgeState(line),
    description: cut(description),
    release: line.release,
    supersededBy: line.supersededBy,
  };
}

function named(line: CommitReportLine): string {
  return line.target === undefined ? describe(line) : `${appOf(line)}: ${describe(line)}`;
}

function describe({ state, reason, summary, supersededBy }: CommitReportLine): string {
  if (state === 'superseded') return `superseded by ${(supersededBy ?? '').slice(0, 12)}`;
  if (state === 'unchanged') return 'unchanged: this content already runs';
  // A release may succeed and still have to say something: its prune is held.
  if (state === 'succeeded') return [reason, summary ?? 'succeeded'].filter(Boolean).join('; ');
  // The status says that it failed; its 140 characters are for the reason.
  if (state === 'failed') return reason ?? 'failed';
  return reason ? `${state}: ${reason}` : state;
}

function appOf({ target }: CommitReportLine): string {
  return parseTargetId(target ?? '')?.app ?? '';
}

/** `2 failed, 10 succeeded`, in the order of what matters most. */
function countStates(lines: CommitReportLine[]): string {
  const ranked = lines.toSorted((a, b) => rank(a) - rank(b));
  const groups = Map.groupBy(ranked, ({ state }) => state);
  return [...groups].map(([state, group]) => `${group.length} ${state}`).join(', ');
}

/** A pod's generated name says the least of a reason, and takes the place of what the page is opened for. */
function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= MAX_DESCRIPTION) return line;
  const short = line.replaceAll(/\bpod [a-z0-9.-]+: /g, '');
  return short.length <= MAX_DESCRIPTION ? short : `${short.slice(0, MAX_DESCRIPTION - 1)}…`;
}
