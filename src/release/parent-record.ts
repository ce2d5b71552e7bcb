import type { Release } from '../model/release.ts';
import type { ParentRecord, RecordLine } from '../ports/cluster.ts';

/** Releases that the parent on the cluster remembers (design, section 3). */
const LINES = 10;

/** The record after a release has ended; only a success is in force. */
export function nextRecord(
  before: ParentRecord | undefined,
  release: Release,
  state: RecordLine['state'],
  at: Date,
): ParentRecord {
  const line: RecordLine = {
    number: release.number,
    commit: release.commit,
    contentKey: release.contentKey,
    policyKey: release.policyKey,
    state,
    at: at.toISOString(),
    by: release.cause.by,
  };
  return {
    target: release.target,
    inForce: state === 'succeeded' ? line : before?.inForce,
    history: [line, ...others(before, release.number)].slice(0, LINES),
  };
}

/** A release that ran again after a crash has written its line before. */
function others(before: ParentRecord | undefined, number: number): RecordLine[] {
  return (before?.history ?? []).filter((line) => line.number !== number);
}

/** Whether the cluster knows the release's number for another commit. */
export function isTaken(
  record: ParentRecord | undefined,
  { number, commit }: Pick<Release, 'number' | 'commit'>,
): boolean {
  const own = record?.history.find((line) => line.number === number);
  return own ? own.commit !== commit : number < lastNumber(record);
}

/** Highest number the cluster knows, so that numbers go on rising after Redis was emptied. */
export function lastNumber(record: ParentRecord | undefined): number {
  return Math.max(0, ...(record?.history ?? []).map(({ number }) => number));
}

/** The line of this content if it runs already: it is in force, and nothing was tried since. */
export function lineInForce(record: ParentRecord | undefined, contentKey: string): RecordLine | undefined {
  const newest = record?.history[0];
  return newest?.state === 'succeeded' && newest.contentKey === contentKey ? newest : undefined;
}
