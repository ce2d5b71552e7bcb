import type { ObjectChange } from './change-set.ts';
import type { Failure } from './failure.ts';
import { type ObjectRef, refKey } from './object.ts';
import type { SourcePlace } from './source-place.ts';

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

/**
 * The violations as a change set shows them: one failed change an object, in the order they were found. The failure
 * carries the first violation, and further ones as its causes.
 */
export function failedChanges(violations: readonly Violation[]): ObjectChange[] {
  const changes = new Map<string, ObjectChange>();
  for (const violation of violations) {
    const { object: ref, place: source, message } = violation;
    const key = JSON.stringify([refKey(ref), source]);
    const known = changes.get(key)?.failure;
    const failure = known ? withCause(known, message) : failureOf(violation);
    changes.set(key, { ref, source, action: 'failed', fields: [], failure });
  }
  return [...changes.values()];
}

function failureOf({ engine, object, place, message: summary, hint }: Violation): Failure {
  return { code: engine === 'objects' ? 'OBJECT_INVALID' : 'RULE_REFUSED', summary, object, place, hint };
}

function withCause(failure: Failure, summary: string): Failure {
  const causes = [...(failure.details?.causes ?? []), { summary }];
  return { ...failure, details: { ...failure.details, causes } };
}
