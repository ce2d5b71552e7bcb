import { condition, describeCondition } from '../../health/conditions.ts';
import { numberAt, objectAt, optionalNumberAt, textAt } from '../../model/json.ts';
import { groupKind, type JsonObject, type KubeObject, refOf } from '../../model/object.ts';
import { isOwnedBy, selectorText } from './owner.ts';
import { type Reader, siblingsPath } from './reader.ts';
import { isUpdated, type StuckPods, stuckPods } from './stuck-pods.ts';

/** The pods that determine a workload's health, and what may explain why pods are missing. */
export interface PodsOf {
  pods: KubeObject[];
  /** `0 of 3 pods ready`, counted over the new revision only; undefined: use the message of the workload's health. */
  headline?: string | undefined;
  /** The object that creates the pods. Its events explain why it cannot. */
  creator: KubeObject;
  /** The message of a quota or an admission rule that refuses new pods; undefined if none does. */
  refusal?: string | undefined;
  /** Pods of an older revision that block the update until somebody deletes them; undefined: none do. */
  stuck?: StuckPods | undefined;
}

type FindPods = (reader: Reader, object: KubeObject) => Promise<PodsOf>;

const workloads = new Map<string, FindPods>([
  ['DaemonSet.apps', ofDaemonSet],
  ['Deployment.apps', ofDeployment],
  ['Job.batch', ownPods],
  ['ReplicaSet.apps', ofReplicaSet],
  ['ReplicationController', ownPods],
  ['StatefulSet.apps', ofStatefulSet],
]);

export function podFinder(object: KubeObject): FindPods | undefined {
  return workloads.get(groupKind(refOf(object)));
}

/** The label selector of a workload's pods, old revisions included; undefined if the kind has no pods. */
export function podSelector(object: KubeObject): JsonObject | undefined {
  if (!workloads.has(groupKind(refOf(object)))) return undefined;
  const selector = objectAt(object, 'spec', 'selector');
  return object.kind === 'ReplicationController' ? { matchLabels: selector } : selector;
}

/** Only pods of the newest ReplicaSet count. Old pods may fail, which may be why there is a new revision. */
async function ofDeployment(reader: Reader, deployment: KubeObject): Promise<PodsOf> {
  const labelSelector = selectorText(objectAt(deployment, 'spec', 'selector'));
  const all = await reader.list(siblingsPath(deployment, '/apis/apps/v1', 'replicasets'), { labelSelector });
  const newest = all.filter((set) => isOwnedBy(set, deployment)).sort((a, b) => revision(b) - revision(a))[0];
  if (!newest) return { pods: [], creator: deployment };
  const of = await ofReplicaSet(reader, newest);
  const wanted = optionalNumberAt(deployment, 'spec', 'replicas') ?? 1;
  const ready = numberAt(newest, 'status', 'readyReplicas');
  return { ...of, headline: ready < wanted ? readyLine(ready, wanted) : undefined };
}

function revision(replicaSet: KubeObject): number {
  return Number(textAt(replicaSet, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'));
}

async function ofReplicaSet(reader: Reader, set: KubeObject): Promise<PodsOf> {
  const refused = condition(set, 'ReplicaFailure');
  const of = await ownPods(reader, set);
  return { ...of, refusal: refused?.status === 'True' ? describeCondition(refused) : undefined };
}

/** Only pods of the newest revision count, unless an older one blocks them. */
async function ofStatefulSet(reader: Reader, set: KubeObject): Promise<PodsOf> {
  const of = await ownPods(reader, set);
  const stuck = stuckPods(set, of.pods);
  if (stuck) return { ...of, pods: stuck.pods, stuck };
  const fresh = of.pods.filter((pod) => isUpdated(set, pod));
  return { ...of, pods: fresh.length > 0 ? fresh : of.pods };
}

async function ofDaemonSet(reader: Reader, set: KubeObject): Promise<PodsOf> {
  const of = await ownPods(reader, set);
  const generation = textAt(set, 'metadata', 'annotations', 'deprecated.daemonset.template.generation');
  const fresh = of.pods.filter(
    (pod) => textAt(pod, 'metadata', 'labels', 'pod-template-generation') === generation,
  );
  return { ...of, pods: generation === '' ? of.pods : fresh };
}

async function ownPods(reader: Reader, owner: KubeObject): Promise<PodsOf> {
  const labelSelector = selectorText(podSelector(owner) ?? {});
  const all = await reader.list(siblingsPath(owner, '/api/v1', 'pods'), { labelSelector });
  const pods = all.filter((pod) => isOwnedBy(pod, owner) && pod.metadata.deletionTimestamp === undefined);
  return { pods, creator: owner };
}

function readyLine(ready: number, wanted: number): string {
  return `${ready} of ${wanted} pods ready`;
}
