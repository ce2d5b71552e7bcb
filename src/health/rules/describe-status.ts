import { asObject, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition } from '../conditions.ts';

type State = 'suspended' | 'failed' | 'failing' | 'progressing' | 'healthy';

/** Conditions that report a problem when true. */
const negativeConditions = ['Stalled', 'Failed', 'Degraded', 'NotReady', 'Reconciling'];
/** Conditions that report a problem when not true. */
const positiveConditions = [
  'Ready',
  'Available',
  'Healthy',
  'Succeeded',
  'Synced',
  'Reconciled',
  'ReconcileSuccess',
];

const defaultTexts: Record<State, string> = {
  suspended: 'suspended',
  failed: 'failed',
  failing: 'failing',
  progressing: 'in progress',
  healthy: 'healthy',
};

/** The message for a rule without one: from the object's conditions or status fields, else the state itself. */
export function describeStatus(object: KubeObject, state: State): string {
  const status = asObject(object.status) ?? {};
  if (Object.keys(status).length === 0)
    return state === 'progressing' ? 'waiting for its controller' : defaultTexts[state];
  return fromConditions(object, state) ?? fromFields(object) ?? defaultTexts[state];
}

function fromConditions(object: KubeObject, state: State): string | undefined {
  const isGood = state === 'healthy' || state === 'suspended';
  const status = isGood ? 'True' : 'False';
  const problems = isGood
    ? []
    : negativeConditions.map((type) => condition(object, type)).filter((one) => one?.status === 'True');
  const all = positiveConditions.map((type) => condition(object, type)).filter((one) => one !== undefined);
  const found = problems[0] ?? all.find((one) => one.status === status) ?? all[0];
  return found && describeCondition(found);
}

function fromFields(object: KubeObject): string | undefined {
  const state = ['phase', 'state'].map((key) => textAt(object, 'status', key)).find((text) => text !== '');
  const message = ['message', 'reason']
    .map((key) => textAt(object, 'status', key))
    .find((text) => text !== '');
  const text = [state, message].filter((part) => part !== undefined).join(': ');
  return text === '' ? undefined : text.replaceAll(/\s+/g, ' ');
}
