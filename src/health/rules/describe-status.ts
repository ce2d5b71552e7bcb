import { asObject, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition } from '../conditions.ts';

type State = 'suspended' | 'failed' | 'failing' | 'progressing' | 'healthy';

/** Conditions that say what is wrong when they are true, and those that say it when they are not. */
const bad = ['Stalled', 'Failed', 'Degraded', 'NotReady', 'Reconciling'];
const good = ['Ready', 'Available', 'Healthy', 'Succeeded', 'Synced', 'Reconciled', 'ReconcileSuccess'];

const plain: Record<State, string> = {
  suspended: 'suspended',
  failed: 'has failed',
  failing: 'is failing',
  progressing: 'is on its way',
  healthy: 'healthy',
};

/** What an object says of itself, for a rule without a message of its own; else the state in a word. */
export function describeStatus(object: KubeObject, state: State): string {
  const status = asObject(object.status) ?? {};
  if (Object.keys(status).length === 0)
    return state === 'progressing' ? 'waiting for its controller' : plain[state];
  return fromConditions(object, state) ?? fromFields(object) ?? plain[state];
}

function fromConditions(object: KubeObject, state: State): string | undefined {
  const isWell = state === 'healthy' || state === 'suspended';
  const wanted = isWell ? 'True' : 'False';
  const worrying = isWell
    ? []
    : bad.map((type) => condition(object, type)).filter((one) => one?.status === 'True');
  const all = good.map((type) => condition(object, type)).filter((one) => one !== undefined);
  const found = worrying[0] ?? all.find((one) => one.status === wanted) ?? all[0];
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
