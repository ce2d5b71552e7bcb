import type { Api } from './api.ts';

export const NODES = ['node-1', 'node-2'] as const;
export const STORAGE_CLASS = 'standard';

/** Creates what a new cluster has before any deployment: nodes and a default storage class. */
export async function seed(api: Api): Promise<void> {
  await Promise.all([
    ...NODES.map((name) => create(api, '/api/v1/nodes', node(name))),
    create(api, '/apis/storage.k8s.io/v1/storageclasses', storageClass()),
  ]);
}

async function create(api: Api, path: string, body: object): Promise<void> {
  const response = await api.send('POST', path, body);
  if (response.status !== 201 && response.status !== 409) {
    throw new Error(`POST ${path}: ${response.status} ${JSON.stringify(response.body)}`);
  }
}

function node(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
  };
}

/** stages/pvc-provision.yaml simulates its provisioner. */
function storageClass(): object {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: STORAGE_CLASS,
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'sandbox.slipway.dev/volume',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  };
}
