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
}

export interface ObjectChange {
  ref: ObjectRef;
  action: ChangeAction;
  /** The file in the repository, `file` or `file:line`; undefined for pruned objects. */
  source?: string | undefined;
  fields: FieldChange[];
  /** Field managers that lost fields to us by a forced conflict. */
  tookFrom?: string[] | undefined;
  /** Why it was skipped or failed, and the next step. */
  reason?: string | undefined;
  hint?: string | undefined;
  /** It would be deleted, and waits for a person's word: more than the target's share would go. */
  held?: boolean | undefined;
  /** The other target that the object belongs to, where that is why it failed. */
  ownedBy?: TargetId | undefined;
  /** What the API server warned of when it accepted the object: deprecated versions, pods it will not admit. */
  warnings?: string[] | undefined;
}

/** The one value that plans, statuses, history, CLI and pages show. */
export interface ChangeSet {
  changes: ObjectChange[];
}

const shown: ChangeAction[] = ['created', 'configured', 'pruned', 'failed', 'skipped'];

/** `1 created, 2 configured, 7 unchanged`; `nothing changed` where nothing did. */
export function summarize(set: ChangeSet): string {
  const count = (action: ChangeAction) => set.changes.filter((change) => change.action === action).length;
  const parts = shown.flatMap((action) => (count(action) > 0 ? [`${count(action)} ${action}`] : []));
  if (parts.length === 0) return 'nothing changed';
  if (count('unchanged') > 0) parts.push(`${count('unchanged')} unchanged`);
  return parts.join(', ');
}
