import type { Release } from '../model/release.ts';
import type { ParentRecord, RecordLine } from '../ports/cluster.ts';

/** Releases that the record on the ApplySet parent keeps. */
const MAX_LINES = 10;

/** The record after a release has ended. A failed release does not change which release is in force. */
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
    history: [line, ...otherLines(before, release.number)].slice(0, MAX_LINES),
  };
}

/** A release that resumed after a crash may already have a line; the new line replaces it. */
function otherLines(before: ParentRecord | undefined, number: number): RecordLine[] {
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

/** The highest number that the cluster knows: numbers continue from it after Redis was emptied. */
export function lastNumber(record: ParentRecord | undefined): number {
  return Math.max(0, ...(record?.history ?? []).map(({ number }) => number));
}

/** The line of this content if it already runs: its release is in force, and no later release was recorded. */
export function lineInForce(record: ParentRecord | undefined, contentKey: string): RecordLine | undefined {
  const newest = record?.history[0];
  return newest?.state === 'succeeded' && newest.contentKey === contentKey ? newest : undefined;
}
