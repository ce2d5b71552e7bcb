import type { Failure } from './failure.ts';
import type { Notice } from './notice.ts';
import type { JsonValue, ObjectRef } from './object.ts';
import type { SourcePlace } from './source-place.ts';

export const CHANGE_ACTIONS = [
  'created',
  'configured',
  'recreated',
  'unchanged',
  'pruned',
  'skipped',
  'failed',
] as const;
/** `recreated`: deleted and created again, because it could not be changed in place. */
export type ChangeAction = (typeof CHANGE_ACTIONS)[number];

/** One field that differs. `path` as kubectl writes it: `spec.template.spec.containers[name=app].image`. */
export interface FieldChange {
  path: string;
  /** Undefined: the field did not exist. Secret values are already masked. */
  before?: JsonValue | undefined;
  /** Undefined: the field was removed. */
  after?: JsonValue | undefined;
  /** The differing lines of multi-line texts with three lines of context, as `diff -u` writes them. */
  lines?: string[] | undefined;
}

export interface ObjectChange {
  ref: ObjectRef;
  action: ChangeAction;
  /** The object is a hook: a step of the release and not part of the app. */
  hook?: boolean | undefined;
  /** Where the repository defines it; undefined for pruned objects. */
  source?: SourcePlace | undefined;
  fields: FieldChange[];
  /** Number of further fields that differ and do not fit into the bounded change set. */
  moreFields?: number | undefined;
  /** Field managers that lost fields to us by a forced conflict. */
  tookFrom?: string[] | undefined;
  /** Why the change failed; for an applied object, why it is not healthy. */
  failure?: Failure | undefined;
  /** Why the object was skipped, or what is special about the change. */
  notice?: Notice | undefined;
  /** The deletion waits for confirmation: it exceeds the share of the target that one release may delete. */
  held?: boolean | undefined;
  /** The object should have been deleted and still exists, for the given reason. The next release tries again. */
  stays?: boolean | undefined;
  /** The change failed because a response was lost. This is the action if the API server received the request. */
  attempted?: 'created' | 'configured' | undefined;
  /**
   * The API server's warnings when it accepted the object (deprecated versions, pods it will not admit), and what an apply
   * could not bring about (claims that keep their size).
   */
  warnings?: string[] | undefined;
}

/** The value that plans, statuses, the history, the CLI and the pages show. */
export interface ChangeSet {
  changes: ObjectChange[];
  /** Warnings about the files: some are ignored, or render differently each time. */
  warnings?: string[] | undefined;
}

const shown: ChangeAction[] = ['created', 'configured', 'recreated', 'pruned', 'failed', 'skipped'];

/** What a summary counts. */
interface CountedChanges {
  changes: Pick<ObjectChange, 'action' | 'warnings'>[];
}

/** `1 created, 2 configured, 7 unchanged; 1 warning`; `nothing changed` if nothing did. */
export function summarize(set: CountedChanges): string {
  const warnings = set.changes.reduce((sum, change) => sum + (change.warnings?.length ?? 0), 0);
  const warned = warnings === 1 ? '; 1 warning' : `; ${warnings} warnings`;
  return `${countActions(set)}${warnings > 0 ? warned : ''}`;
}

function countActions(set: CountedChanges): string {
  const count = (action: ChangeAction) => set.changes.filter((change) => change.action === action).length;
  const parts = shown.flatMap((action) => (count(action) > 0 ? [`${count(action)} ${action}`] : []));
  if (parts.length === 0) return 'nothing changed';
  if (count('unchanged') > 0) parts.push(`${count('unchanged')} unchanged`);
  return parts.join(', ');
}

/** Bounds of a stored change set: ten thousand fields of an object of a megabyte may differ. */
const mostFields = 100;
const mostBytesOfObject = 100_000;
const mostBytesOfSet = 2_000_000;
const mostWarnings = 20;

/**
 * Limits the fields of a change set to what a record, a page and a terminal can show; `moreFields` counts the others.
 * Keeps every object and its action.
 */
export function boundChangeSet({ changes, warnings }: ChangeSet): ChangeSet {
  let left = mostBytesOfSet;
  return {
    ...(warnings && warnings.length > 0 ? { warnings: firstWarnings(warnings) } : {}),
    changes: changes.map((change) => {
      const kept = firstFields(change.fields, Math.min(left, mostBytesOfObject));
      left -= sizeOf(kept);
      const moreFields = (change.moreFields ?? 0) + change.fields.length - kept.length;
      return moreFields > 0 ? { ...change, fields: kept, moreFields } : change;
    }),
  };
}

function firstWarnings(warnings: string[]): string[] {
  const more = warnings.length - mostWarnings;
  return more > 0 ? [...warnings.slice(0, mostWarnings), `… and ${more} more warnings`] : warnings;
}

function firstFields(fields: FieldChange[], mostBytes: number): FieldChange[] {
  let left = mostBytes;
  const fits = (field: FieldChange) => {
    left -= sizeOf(field);
    return left >= 0;
  };
  const first = fields.slice(0, mostFields);
  const end = first.findIndex((field) => !fits(field));
  return end < 0 ? first : first.slice(0, end);
}

function sizeOf(value: FieldChange | FieldChange[]): number {
  return JSON.stringify(value).length;
}
