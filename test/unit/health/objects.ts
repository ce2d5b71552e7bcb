import type { JsonObject, KubeObject } from '../../../src/model/object.ts';

const versions: Record<string, string> = {
  APIService: 'apiregistration.k8s.io/v1',
  CronJob: 'batch/v1',
  CustomResourceDefinition: 'apiextensions.k8s.io/v1',
  DaemonSet: 'apps/v1',
  Deployment: 'apps/v1',
  Gateway: 'gateway.networking.k8s.io/v1',
  GatewayClass: 'gateway.networking.k8s.io/v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  Ingress: 'networking.k8s.io/v1',
  Job: 'batch/v1',
  PodDisruptionBudget: 'policy/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
};

/** An object of generation 2, as an API server returns it. */
export function object(
  kind: string,
  body: { spec?: object; status?: object; metadata?: object } = {},
): KubeObject {
  const { spec, status, metadata } = body;
  return {
    apiVersion: versions[kind] ?? 'v1',
    kind,
    metadata: { name: 'web', namespace: 'loans', generation: 2, ...metadata },
    ...(spec ? { spec: { ...spec } as JsonObject } : {}),
    ...(status ? { status: { ...status } as JsonObject } : {}),
  };
}

export function condition(type: string, status: string, reason = '', message = ''): object {
  return { type, status, reason, message };
}

/** What a row of a table says: the state, and words the message has. */
export type Row = [name: string, object: KubeObject, state: string, message: string];
