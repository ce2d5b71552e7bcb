import type { Failure } from './failure.ts';
import type { Notice } from './notice.ts';
import type { JsonValue, ObjectRef } from './object.ts';
import type { SourcePlace } from './source-place.ts';

export type ChangeAction = 'created' | 'configured' | 'unchanged' | 'pruned' | 'skipped' | 'failed';

/** One field that differs. `path` as kubectl writes it: `spec.template.spec.containers[name=app].image`. */
export interface FieldChange {
  path: string;
  /** Undefined: the field was not there. Secret values are masked before they get here. */
  before?: JsonValue | undefined;
  /** Undefined: the field is gone. */
  after?: JsonValue | undefined;
  /** Of texts of several lines: those that differ, with three around them, as `diff -u` writes them. */
  lines?: string[] | undefined;
}

export interface ObjectChange {
  ref: ObjectRef;
  action: ChangeAction;
  /** It is a hook: a step of the release and no part of the app. */
  hook?: boolean | undefined;
  /** Where the repository defines it; undefined for pruned objects. */
  source?: SourcePlace | undefined;
  fields: FieldChange[];
  /** How many further fields differ: a change set is bounded. */
  moreFields?: number | undefined;
  /** Field managers that lost fields to us by a forced conflict. */
  tookFrom?: string[] | undefined;
  /** Why it failed; of an object that was applied: why it is not healthy. */
  failure?: Failure | undefined;
  /** Why it was skipped, or what is special about the change. */
  notice?: Notice | undefined;
  /** It would be deleted and waits for confirmation: one release may not delete that large a share of the target. */
  held?: boolean | undefined;
  /** It should be gone and is still there, for the reason given: the next release of the target tries again. */
  stays?: boolean | undefined;
  /** It failed because a response was lost, and this is what was done to it if the request arrived. */
  attempted?: 'created' | 'configured' | undefined;
  /** The API server's warnings when it accepted the object: deprecated versions, pods it will not admit. */
  warnings?: string[] | undefined;
}

/** The one value that plans, statuses, history, CLI and pages show. */
export interface ChangeSet {
  changes: ObjectChange[];
  /** What the author should know about the files: some are ignored, or render differently each time. */
  warnings?: string[] | undefined;
}

const shown: ChangeAction[] = ['created', 'configured', 'pruned', 'failed', 'skipped'];

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

/** Bounds of what is kept and shown: ten thousand fields of an object of a megabyte may differ. */
const mostFields = 100;
const mostBytesOfObject = 100_000;
const mostBytesOfSet = 2_000_000;
const mostWarnings = 20;

/**
 * The change set with as many fields as fit into a record, a page and a terminal; `moreFields` counts the others.
 * Every object stays, with its action.
 */
export function bounded({ changes, warnings }: ChangeSet): ChangeSet {
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
  return more > 0 ? [...warnings.slice(0, mostWarnings), `… and ${more} more of the kind`] : warnings;
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
