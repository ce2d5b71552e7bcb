import { describe as describeSuite, expect, it } from 'vitest';
import { separateHooks } from '../../../../src/kube/plan/hook-object.ts';
import { planApply } from '../../../../src/kube/plan/plan.ts';
import { type Step, stepsOf } from '../../../../src/kube/plan/steps.ts';
import { type KubeObject, refKey, refOf } from '../../../../src/model/object.ts';
import { configMap, member, rendered, setId } from './objects.ts';

const wave = 'slipway.dev/wave';
const hook = 'slipway.dev/hook';

function object(kind: string, name: string, annotations: Record<string, string> = {}): KubeObject {
  const apiVersion = kind.endsWith('Configuration') ? 'admissionregistration.k8s.io/v1' : 'v1';
  return { ...configMap(name, annotations), apiVersion, kind };
}

/** The steps as words: `wave web db`, `hooks pre-deploy migrate`, `healthy`, `servers hook`. */
function steps(objects: KubeObject[], live: KubeObject[] = [], folder = ''): string[] {
  const inFolder = objects.map((one) => {
    const { object, source } = rendered(one);
    return { object, source: { file: `${folder}${source.file}` } };
  });
  const { objects: plain, hooks } = separateHooks(inFolder);
  const members = new Map(live.map((one) => [refKey(refOf(one)), one]));
  const input = { setId, finished: {}, ignores: () => [], releaseKey: 'r' };
  const plan = planApply(plain, { ...input, live: { members, gaps: [], listed: [], forbidden: [] } });
  return stepsOf(plan, hooks, true).map(describe);
}

function describe(step: Step): string {
  switch (step.kind) {
    case 'wave':
      return ['wave', ...step.wave.map(({ ref }) => ref.name)].join(' ');
    case 'hooks':
      return ['hooks', step.moment, ...step.hooks.map(({ rendered: one }) => one.object.metadata.name)].join(
        ' ',
      );
    case 'servers':
      return ['servers', ...step.admission.map(({ ref }) => ref.name)].join(' ');
    case 'healthy':
      return 'healthy';
  }
}

it('an app without own waves and hooks is applied kind by kind, and waits for nothing', () => {
  expect(steps([object('Pod', 'web'), object('ConfigMap', 'settings')])).toEqual([
    'wave settings',
    'wave web',
  ]);
});

it('a stage begins once everything before it is healthy', () => {
  const objects = [object('ConfigMap', 'second', { [wave]: '1' }), object('ConfigMap', 'first')];
  expect(steps(objects)).toEqual(['wave first', 'healthy', 'wave second']);
});

it('a stage in which nothing is to be done waits for nothing', () => {
  const second = object('ConfigMap', 'second', { [wave]: '1' });
  expect(steps([second, object('ConfigMap', 'first')], [member(second)])).toEqual([
    'wave first',
    'wave second',
  ]);
});

it('hooks before the deploy run after the namespaces that they live in', () => {
  const objects = [
    object('ConfigMap', 'settings'),
    object('Pod', 'migrate', { [hook]: 'pre-deploy' }),
    object('Namespace', 'loans'),
    object('Namespace', 'other'),
  ];
  expect(steps(objects)).toEqual([
    'wave loans',
    'hooks pre-deploy migrate',
    'wave loans other',
    'wave settings',
  ]);
});

it('a webhook that is new waits for the workloads that answer for it', () => {
  const webhook = object('ValidatingWebhookConfiguration', 'checks');
  expect(steps([webhook, object('Pod', 'web')])).toEqual(['wave web', 'servers checks', 'wave checks']);
});

describeSuite('definitions', () => {
  const crd = {
    ...object('CustomResourceDefinition', 'queues.example.com'),
    apiVersion: 'apiextensions.k8s.io/v1',
  };
  const install = (moment: string) => object('Pod', 'migrate', { 'helm.sh/hook': moment });
  const settings = object('ConfigMap', 'settings');

  it('of the crds/ of a chart come before its hooks, as Helm creates them', () => {
    expect(steps([settings, crd, install('pre-install')], [], 'charts/web/crds/')).toEqual([
      'wave queues.example.com',
      'hooks pre-deploy migrate',
      'wave queues.example.com',
      'wave settings',
    ]);
  });

  it('among the templates of a chart come after its hooks', () => {
    const [first] = steps([settings, crd, install('pre-install')], [], 'charts/web/templates/');
    expect(first).toBe('hooks pre-deploy migrate');
  });

  it('of a chart without hooks before the deploy are applied once', () => {
    expect(steps([settings, crd, install('post-install')], [], 'charts/web/crds/')).toEqual([
      'wave queues.example.com',
      'wave settings',
    ]);
  });
});
