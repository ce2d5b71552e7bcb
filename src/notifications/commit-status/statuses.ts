import {
  CONFIG_SCOPE,
  type CommitReport,
  type CommitReportKey,
  type CommitReportLine,
  MAX_APP_CONTEXTS,
} from '../../model/commit-report.ts';
import { cutText, onOneLine } from '../../model/cut-text.ts';
import { describeOutcome } from '../../model/describe-outcome.ts';
import { isOpen } from '../../model/release.ts';
import { parseTargetId } from '../../model/target.ts';
import { type CommitStatus, MAX_DESCRIPTION } from '../../ports/forge.ts';

/** A status with the release whose page it links to and, if `superseded`, the commit that supersedes it. */
export interface WantedStatus extends CommitStatus {
  release?: string | undefined;
  supersededBy?: string | undefined;
}

/** The statuses of one commit and one scope as they should be now. */
export function statusesOf(key: CommitReportKey, { lines }: Pick<CommitReport, 'lines'>): WantedStatus[] {
  if (key.scope === CONFIG_SCOPE)
    return lines.map((line) => single('slipway/config', line, configText(line)));
  const context = `slipway/${key.scope}`;
  const all = overall(context, lines);
  const apps = lines.filter((line) => line.target !== undefined);
  if (apps.length > MAX_APP_CONTEXTS) return [all];
  return [all, ...apps.map((line) => single(contextOf(context, line), line, describe(line)))];
}

/**
 * The end of statuses that an earlier report left open, in these contexts of the scope: of each app what its line says,
 * else that the commit was superseded. `report` has the line of the scope for that.
 */
export function endingsOf(
  key: CommitReportKey,
  { lines }: Pick<CommitReport, 'lines'>,
  contexts: string[],
): WantedStatus[] {
  const environment = `slipway/${key.scope}`;
  const rest = lines.find(({ target }) => target === undefined);
  return contexts.flatMap((context) => {
    if (context === environment) return [overall(context, lines)];
    const line =
      lines.find((one) => one.target !== undefined && context === contextOf(environment, one)) ?? rest;
    return line ? [single(context, line, describe(line))] : [];
  });
}

/** Whether a context is one that reports of the scope have. */
export function isOfScope(context: string, scope: string): boolean {
  return context === `slipway/${scope}` || context.startsWith(`slipway/${scope}/`);
}

function contextOf(environment: string, line: CommitReportLine): string {
  return `${environment}/${appOf(line)}`;
}

function configText(line: CommitReportLine): string {
  return describeOutcome(line, MAX_DESCRIPTION) ?? 'slipway.yaml is invalid';
}

function overall(context: string, lines: CommitReportLine[]): WantedStatus {
  const first = lines.toSorted((a, b) => rank(a) - rank(b))[0];
  if (!first) return { context, state: 'success', description: 'nothing to deploy' };
  if (lines.length === 1) return single(context, first, named(first));
  // One text until the end: a status that counts along would use up the forge's rate limit.
  if (rank(first) === 1 && lines.length > MAX_APP_CONTEXTS) {
    return single(context, first, `deploying ${lines.length} targets`);
  }
  const counts = countStates(lines);
  return single(context, first, rank(first) === 0 ? named(first, `${counts}; `) : counts);
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
  const { release, supersededBy } = line;
  return { context, state: forgeState(line), description, release, supersededBy };
}

function named(line: CommitReportLine, before = ''): string {
  return describe(line, line.target === undefined ? before : `${before}${appOf(line)}: `);
}

/** `prefix` and what the line says, within the limit of a description. */
function describe(line: CommitReportLine, prefix = ''): string {
  const { state, summary } = line;
  const text = (before: string): string | undefined => describeOutcome(line, MAX_DESCRIPTION - before.length);
  if (state === 'unchanged') return `${prefix}unchanged: this content already runs`;
  // A release that succeeded may have notices, such as a prune that is held.
  if (state === 'succeeded') {
    const all = [describeOutcome(line), summary ?? 'succeeded'].filter((part) => part !== undefined);
    return cutText(onOneLine(`${prefix}${all.join('; ')}`), MAX_DESCRIPTION);
  }
  // The status shows both states, so the text need not repeat them.
  if (state === 'failed' || state === 'superseded') return `${prefix}${text(prefix) ?? state}`;
  const before = `${prefix}${state}: `;
  const said = text(before);
  return said === undefined ? `${prefix}${state}` : `${before}${said}`;
}

function appOf({ target }: CommitReportLine): string {
  return parseTargetId(target ?? '')?.app ?? '';
}

/** `2 failed, 10 succeeded`, the worst first. */
function countStates(lines: CommitReportLine[]): string {
  const ranked = lines.toSorted((a, b) => rank(a) - rank(b));
  const groups = Map.groupBy(ranked, ({ state }) => state);
  return [...groups].map(([state, group]) => `${group.length} ${state}`).join(', ');
}
