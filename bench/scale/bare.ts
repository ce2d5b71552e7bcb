import type { KubeObject } from '../../src/model/object.ts';
import { untilQuiet } from '../support/cpu.ts';
import { openRaw } from '../support/floor.ts';
import { appName, appObjects, upTo } from '../support/small-apps.ts';

const NAMESPACE = 'floor';

/** Sends as many requests as the releases of all apps, and does nothing else. */
export interface BareClient {
  /** Sends all requests with `parallel` in flight; resolves to milliseconds. */
  send(parallel: number): Promise<number>;
  close(): Promise<void>;
}

/** The fastest that is possible on this machine with this latency: every deployer waits for these requests. */
export async function bareClient(kubeconfig: string, apps: number): Promise<BareClient> {
  const raw = await openRaw(kubeconfig);
  let version = 0;
  const next = () => {
    version += 1;
    return upTo(apps).flatMap((index) => requestsOf(appName(index), version));
  };
  await raw.send('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  // Creates the objects and opens connections before the measurement.
  await raw.apply(next(), NAMESPACE, 32);
  return {
    async send(parallel) {
      await untilQuiet();
      return raw.apply(next(), NAMESPACE, parallel);
    },
    close: () => raw.close(),
  };
}

/** An app's objects, and a ConfigMap like the one that every release writes for its record. */
function requestsOf(name: string, version: number): KubeObject[] {
  const record = { commit: String(version).padStart(40, '0'), state: 'succeeded' };
  const parent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: record };
  return [...appObjects(name, version), parent];
}
