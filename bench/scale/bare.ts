import type { KubeObject } from '../../src/model/object.ts';
import { untilQuiet } from '../support/cpu.ts';
import { openRaw } from '../support/floor.ts';
import { appName, appObjects, upTo } from '../support/small-apps.ts';

const NAMESPACE = 'floor';

/** The same number of requests as the releases of all apps send, by a client that does nothing else. */
export interface BareClient {
  /** Sends all of them, so many at once; milliseconds. */
  send(parallel: number): Promise<number>;
  close(): Promise<void>;
}

/** What is possible on this machine through the same latency: whatever deploys waits for these requests at least. */
export async function bareClient(kubeconfig: string, apps: number): Promise<BareClient> {
  const raw = await openRaw(kubeconfig);
  let version = 0;
  const next = () => {
    version += 1;
    return upTo(apps).flatMap((index) => requestsOf(appName(index), version));
  };
  await raw.send('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  // Objects are there and connections are open before it counts.
  await raw.apply(next(), NAMESPACE, 32);
  return {
    async send(parallel) {
      await untilQuiet();
      return raw.apply(next(), NAMESPACE, parallel);
    },
    close: () => raw.close(),
  };
}

/** An app's objects, and a ConfigMap as every release writes one for its record. */
function requestsOf(name: string, version: number): KubeObject[] {
  const record = { commit: String(version).padStart(40, '0'), state: 'succeeded' };
  const parent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: record };
  return [...appObjects(name, version), parent];
}
