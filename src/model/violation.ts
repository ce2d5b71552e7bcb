import { describePlace, type SourcePlace } from '../errors.ts';
import type { ObjectChange } from './change-set.ts';
import { type ObjectRef, refKey } from './object.ts';

/** What a policy says against one object. */
export interface Violation {
  /** The engine that found it: `objects` for what every object must be, `operator` for the rules of server.yaml. */
  engine: string;
  /** The rule's name within its engine: `namespace`, `cluster-scoped`, … */
  rule: string;
  /** What becomes of it. `enforce`: the release fails, and a plan shows it. */
  mode: 'enforce';
  object: ObjectRef;
  place: SourcePlace;
  /** What the rule forbids, without the object: `project "lending" may not write to namespace data`. */
  message: string;
  hint?: string | undefined;
}

/** The violations as a change set shows them: one failed change an object, in the order they were found. */
export function failedChanges(violations: readonly Violation[]): ObjectChange[] {
  const changes = new Map<string, ObjectChange>();
  for (const { object, place, message, hint } of violations) {
    const source = describePlace(place);
    const key = JSON.stringify([refKey(object), source]);
    const known = changes.get(key);
    const reason = known ? `${known.reason}; ${message}` : message;
    changes.set(key, { ref: object, source, action: 'failed', fields: [], hint, ...known, reason });
  }
  return [...changes.values()];
}
