import type { ObjectChange } from '../../../src/model/change-set.ts';
import { describeReason } from '../../../src/model/describe-failure.ts';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import type { ClusterRun, ClusterWork } from '../../../src/ports/cluster.ts';
import { reasonOfChange } from '../../support/failures.ts';
import { type Fixture, heldLease, openRun, recordOf, rendered } from './release-setup.ts';

export type Annotations = Record<string, string>;

export const options = { signal: new AbortController().signal, checkLease: heldLease };

/** Ends well at `:v1`, fails at `:fail`, runs on at `:hang` (the sandbox plays the kubelet). */
export function job(
  fixture: Fixture,
  name: string,
  annotations: Annotations,
  { image = 'migrate:v1', spec = {} }: { image?: string; spec?: JsonObject } = {},
): RenderedObject {
  const metadata = name.endsWith('-') ? { generateName: name } : { name };
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image }] } };
  return rendered(
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { ...metadata, namespace: fixture.namespace, annotations },
      spec: { backoffLimit: 0, template, ...spec },
    },
    `${name}.yaml`,
  );
}

export function deployment(
  fixture: Fixture,
  name: string,
  annotations: Annotations = {},
  image = 'loan-service:v1',
): RenderedObject {
  const labels = { app: name };
  return rendered(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: fixture.namespace, annotations },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'app', image }] } },
      },
    },
    `${name}.yaml`,
  );
}

/** A whole release as the use case does it, with the run for what more a test asks of it. */
export async function deploy(
  fixture: Fixture,
  objects: RenderedObject[],
  work: Partial<ClusterWork> = {},
): Promise<{ run: ClusterRun; reasons: string[] }> {
  const run = await openRun(fixture, work);
  const { changes, unhealthy } = await run.apply(objects, options);
  const failed = changes.filter(({ action }) => action === 'failed');
  const reasons = [...failed.map(textOfChange), ...unhealthy.map((one) => describeReason(one))];
  if (reasons.length > 0) {
    await run.runHooks('on-failure', objects, options);
    return { run, reasons };
  }
  const { timeoutMs, failFastMs } = fixture.target;
  await run.verify(objects, { signal: options.signal, timeoutMs, failFastMs });
  const after = await run.runHooks('post-deploy', objects, options);
  const broken = after.changes.filter(({ action }) => action === 'failed');
  if (broken.length > 0) return { run, reasons: broken.map(textOfChange) };
  await run.prune(objects, options);
  await run.writeRecord(recordOf(fixture), objects, heldLease);
  return { run, reasons: [] };
}

/** `created Job a: hook: ran before the deploy`, without namespaces. */
export function linesOf(run: ClusterRun): string[] {
  return run.changes.changes
    .filter(({ ref }) => ref.kind !== 'Namespace')
    .map((change) => {
      const { action, ref } = change;
      return [`${action} ${ref.kind} ${ref.name}`, textOfChange(change)].filter(Boolean).join(': ');
    });
}

function textOfChange(change: ObjectChange): string {
  return reasonOfChange(change) ?? '';
}
