import { type Budget, spend } from '../../cel/budget.ts';
import type { Variables } from '../../cel/compile.ts';
import { celOf } from '../../cel/json-value.ts';
import { objectAt } from '../../model/json.ts';
import { groupOf, type JsonObject, type JsonValue, type KubeObject } from '../../model/object.ts';
import { freshConditions } from '../conditions.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The variables of a rule's expressions, converted to CEL when they are read. The data of a Secret is left out, also
 * from kubectl's last-applied annotation: a rule's message is shown on commit statuses.
 */
export function ruleVariables(object: KubeObject, budget: Budget): Variables {
  const cel = (value: JsonValue) => celOf(value, budget);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    get metadata() {
      return cel(metadataOf(object));
    },
    get spec() {
      return cel(objectAt(object, 'spec'));
    },
    get status() {
      return cel(objectAt(object, 'status'));
    },
    get conditions() {
      const conditions = conditionsOf(object);
      spend(budget, 1 + Object.keys(conditions).length);
      return cel(conditions);
    },
    get object() {
      return cel({ ...withoutData(object), metadata: metadataOf(object) });
    },
  };
}

function metadataOf({ metadata }: KubeObject): JsonObject {
  const { managedFields: _, annotations, ...rest } = metadata;
  const { [lastApplied]: __, ...others } = objectAt(annotations);
  return { ...rest, annotations: others };
}

function withoutData(object: KubeObject): JsonObject {
  if (object.kind !== 'Secret' || groupOf(object.apiVersion) !== '') return object;
  const { data: _, stringData: __, ...rest } = object;
  return rest;
}

/** By type. If a type occurs twice, the first one counts. */
function conditionsOf(object: KubeObject): JsonObject {
  const pairs = freshConditions(object).map((entry) => [String(entry.type), entry] as const);
  return Object.fromEntries(pairs.reverse());
}
