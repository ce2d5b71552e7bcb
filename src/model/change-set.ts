import type { JsonValue, ObjectRef } from './object.ts';
import type { TargetId } from './target.ts';

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
  /** It is a hook: something that runs, and no part of what the app is. */
  hook?: boolean | undefined;
  /** The file in the repository, `file` or `file:line`; undefined for pruned objects. */
  source?: string | undefined;
  fields: FieldChange[];
  /** So many fields differ that are not among `fields`, because a change set is bounded. */
  moreFields?: number | undefined;
  /** Field managers that lost fields to us by a forced conflict. */
  tookFrom?: string[] | undefined;
  /** Why it was skipped or failed, and the next step. */
  reason?: string | undefined;
  hint?: string | undefined;
  /** It would be deleted, and waits for a person's word: more than the target's share would go. */
  held?: boolean | undefined;
  /** It was to be deleted and is still there, for that reason: the next release of the target looks again. */
  stays?: boolean | undefined;
  /** It failed because an answer was lost on the way, and this is what was done to it if the request arrived. */
  attempted?: 'created' | 'configured' | undefined;
  /** The other target that the object belongs to, where that is why it failed. */
  ownedBy?: TargetId | undefined;
  /** What the API server warned of when it accepted the object: deprecated versions, pods it will not admit. */
  warnings?: string[] | undefined;
}

/** The one value that plans, statuses, history, CLI and pages show. */
export interface ChangeSet {
  changes: ObjectChange[];
  /** What the author should know of the files: left out, or rendered to something else each time. */
  warnings?: string[] | undefined;
}

const shown: ChangeAction[] = ['created', 'configured', 'pruned', 'failed', 'skipped'];

/** `1 created, 2 configured, 7 unchanged; 1 warning`; `nothing changed` where nothing did. */
export function summarize(set: ChangeSet): string {
  const warnings = set.changes.reduce((sum, change) => sum + (change.warnings?.length ?? 0), 0);
  const warned = warnings === 1 ? '; 1 warning' : `; ${warnings} warnings`;
  return `${countActions(set)}${warnings > 0 ? warned : ''}`;
}

function countActions(set: ChangeSet): string {
  const count = (action: ChangeAction) => set.changes.filter((change) => change.action === action).length;
  const parts = shown.flatMap((action) => (count(action) > 0 ? [`${count(action)} ${action}`] : []));
  if (parts.length === 0) return 'nothing changed';
  if (count('unchanged') > 0) parts.push(`${count('unchanged')} unchanged`);
  return parts.join(', ');
}

/** Bounds of what is kept and shown: an object of a megabyte may have ten thousand fields that differ. */
const mostFields = 100;
const mostBytesOfObject = 100_000;
const mostBytesOfSet = 2_000_000;
const mostWarnings = 20;

/**
 * The change set with so many fields as fit into a record, a page and a terminal; what is left out is counted in
 * `moreFields`. Every object stays, with what came of it.
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
