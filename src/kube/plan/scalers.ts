import type { FieldPath } from '../../model/field-path.ts';
import { isObject, objectOf, textOf } from '../../model/json.ts';
import { groupKind, type KubeObject, refOf } from '../../model/object.ts';
import { ownEntry } from '../managed-fields.ts';
import { decideOperation } from './operation.ts';
import type { PlannedObject } from './plan.ts';

/** The field that whatever scales a workload is about to own. */
const replicas: FieldPath = [
  { kind: 'key', key: 'spec' },
  { kind: 'key', key: 'replicas' },
];

/** A kind whose controller sets the number of another object's replicas, and the field that names that object. */
interface Scaler {
  group: string;
  kind: string;
  field: string;
}

/** From the API references of these projects. An empty apiVersion or kind means a Deployment, as KEDA's does. */
export const scalers: Scaler[] = [
  { group: 'autoscaling', kind: 'HorizontalPodAutoscaler', field: 'scaleTargetRef' },
  { group: 'keda.sh', kind: 'ScaledObject', field: 'scaleTargetRef' },
  { group: 'autoscaling.gke.io', kind: 'MultidimPodAutoscaler', field: 'scaleTargetRef' },
  { group: 'datadoghq.com', kind: 'WatermarkPodAutoscaler', field: 'scaleTargetRef' },
  { group: 'datadoghq.com', kind: 'DatadogPodAutoscaler', field: 'targetRef' },
  // Both scale the workload that they progressively replace down to nothing, once their own pods are ready.
  { group: 'argoproj.io', kind: 'Rollout', field: 'workloadRef' },
  { group: 'flagger.app', kind: 'Canary', field: 'targetRef' },
];

/** Whether the file has lost `spec.replicas`, which the API server would reset because Slipway alone owns it. */
export function dropsReplicas({ before, wanted, operation }: PlannedObject): boolean {
  if (!before || operation.kind === 'recreate' || 'replicas' in objectOf(wanted.spec)) return false;
  return 'f:replicas' in objectOf(ownEntry(before)?.fields['f:spec']);
}

/** Whether `scaler` names the object as the one that it scales. */
export function isScaledBy({ ref }: Pick<PlannedObject, 'ref'>, scaler: KubeObject): boolean {
  const { group, kind, namespace } = refOf(scaler);
  const field = scalers.find((one) => one.group === group && one.kind === kind)?.field;
  const target = field === undefined ? undefined : objectOf(scaler.spec)[field];
  if (!isObject(target) || namespace !== ref.namespace || textOf(target.name) !== ref.name) return false;
  const apiVersion = textOf(target.apiVersion) || 'apps/v1';
  const named = {
    group: apiVersion.split('/').slice(0, -1).join('/'),
    kind: textOf(target.kind) || 'Deployment',
  };
  return groupKind(named) === groupKind(ref);
}

/** Leaves the number of replicas to others: it is released as it is before the apply that no longer sends it. */
export function leavingReplicas(planned: PlannedObject, setId: string): PlannedObject {
  const ignored = [...planned.ignored, replicas];
  const operation = decideOperation({ wanted: planned.wanted, ignored }, planned.before, setId);
  return { ...planned, ignored, operation };
}
