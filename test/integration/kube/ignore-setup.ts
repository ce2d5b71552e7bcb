import { beforeAll } from 'vitest';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { FieldRule } from '../../../src/model/field-rule.ts';
import type { JsonObject, KubeObject, RenderedObject } from '../../../src/model/object.ts';
import {
  createNamespace,
  type Fixture,
  heldLease,
  openRun,
  read,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

interface Web {
  image?: string;
  replicas?: number;
  metadata?: JsonObject;
  container?: JsonObject;
  others?: JsonObject[];
}

export const replicas: FieldRule = { kind: 'Deployment', path: 'spec.replicas' };

export const atMap = (path: string): FieldRule => ({ kind: 'ConfigMap', path });

/** What tests of ignored fields share. Call at the top of a test file. */
export function startIgnoring() {
  const fixture = startFixture();
  const { namespace } = fixture;
  beforeAll(() => createNamespace(fixture));
  return {
    fixture,
    namespace,
    /** A target of a single test. */
    ignoring: (app: string, ...ignore: FieldRule[]): Fixture => ({
      ...fixture,
      target: { ...targetOf(namespace, app), ignore },
    }),
    deployment: (name: string, web: Web = {}) => deployment(namespace, name, web),
    deploymentPath: (name: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
    async live(path: string): Promise<KubeObject> {
      const object = await read(fixture, path);
      if (!object) throw new Error(`nothing at ${path}`);
      return object;
    },
  };
}

/** Paused and on no node, so that only the tests change it. */
function deployment(
  namespace: string,
  name: string,
  { image = 'web:v1', replicas = 2, metadata, container, others = [] }: Web,
): RenderedObject {
  return rendered({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, ...metadata },
    spec: {
      replicas,
      paused: true,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image, ...container }, ...others] },
      },
    },
  });
}

export async function dryRun(of: Fixture, objects: RenderedObject[]): Promise<ObjectChange[]> {
  const run = await openRun(of);
  const options = { signal: new AbortController().signal, checkLease: heldLease, dryRun: true };
  return (await run.apply(objects, options)).changes;
}
