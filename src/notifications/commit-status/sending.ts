import { SlipwayError, toSlipwayError } from '../../errors.ts';
import type { CommitReportKey } from '../../model/commit-report.ts';
import { type BegunReport, type CommitReportStore, PLACE_OF } from '../../ports/commit-reports.ts';
import type { Deliveries } from '../../ports/deliveries.ts';
import type { CommitStatus, Forge } from '../../ports/forge.ts';
import type { Logger } from '../../telemetry/logger.ts';

/** A report that is being sent. */
export interface Sending {
  key: CommitReportKey;
  forge: Forge;
  /** As the sending began; `sent` is kept up to date. */
  begun: BegunReport;
  signal: AbortSignal;
  ports: {
    reports: Pick<CommitReportStore, 'markSent' | 'interrupt'>;
    deliveries: Pick<Deliveries, 'pullsOf'>;
    log: Logger;
  };
  /** Whether the forge has taken a status. */
  isTaken: boolean;
  /** The field of a status that the forge was sent and has not answered, or that is not marked yet. */
  unsure: string | undefined;
}

/** Not all servers of a forge have a commit at the moment of its webhook. A commit unknown for this long is gone. */
const MISSING_MS = 120_000;

/** Posts the statuses that the forge does not have on the commit yet, each under its context. */
export async function postMissing(sending: Sending, commit: string, wanted: CommitStatus[]): Promise<void> {
  for (const status of wanted) {
    const text = `${status.state} ${status.description}`;
    if (sending.begun.sent[fieldOf(commit, status)] !== text) await post(sending, commit, status, text);
  }
}

/** A status that the forge will never accept is logged and dropped; the release page still shows the result. */
async function post(sending: Sending, commit: string, status: CommitStatus, text: string): Promise<void> {
  const { key, forge, begun, signal, ports } = sending;
  const place = begun.sent[placeField(commit)];
  const field = fieldOf(commit, status);
  sending.unsure = field;
  try {
    const found = await forge.postStatus(key.repository, commit, { ...status, place }, signal);
    sending.isTaken = true;
    await mark(sending, {
      [field]: text,
      ...(found === undefined ? {} : { [placeField(commit)]: found }),
    });
    sending.unsure = undefined;
  } catch (error) {
    const { code, message: reason } = finalOr(sending, error);
    sending.unsure = undefined;
    const { context } = status;
    ports.log.error({ repository: key.repository, commit, context, code, reason }, 'status refused');
  }
}

/** Where it is kept where the forge has the commit's statuses. Contexts contain no space. */
export function placeField(commit: string): string {
  return `${PLACE_OF}${commit}`;
}

/** Where it is kept what the forge has under the context of a commit. */
function fieldOf(commit: string, { context }: CommitStatus): string {
  return `${commit} ${context}`;
}

/**
 * Remembers what the forge has, also for the rest of this sending. Throws LEASE_LOST if another sender has taken the
 * report: whose status the forge took last is not known then, and the report is sent again.
 */
export async function mark(sending: Sending, fields: Record<string, string>): Promise<void> {
  const { key, begun, ports } = sending;
  Object.assign(begun.sent, fields);
  if (await ports.reports.markSent(key, begun.token, fields)) return;
  sending.unsure = undefined;
  throw takenOver(key);
}

export function takenOver({ commit, scope }: CommitReportKey): SlipwayError {
  return new SlipwayError(
    'LEASE_LOST',
    `another process has sent the report on ${commit} (${scope}) meanwhile`,
    {
      hint: 'The report is sent again.',
    },
  );
}

/**
 * The error, if trying again is in vain. Throws what is to be tried again: a retryable error, refused credentials, and
 * for a while a commit that the forge does not have.
 */
export function finalOr({ begun }: Sending, error: unknown): SlipwayError {
  const known = toSlipwayError(error);
  const { code, message, hint } = known;
  if (known.retryable || code === 'FORGE_REFUSED') throw known;
  const isRecent = begun.changedAt !== null && begun.unsentMs < MISSING_MS;
  if (code === 'COMMIT_MISSING' && isRecent) throw new SlipwayError('FORGE_UNREACHABLE', message, { hint });
  return known;
}
