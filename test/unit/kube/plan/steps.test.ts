import { expect, it } from 'vitest';
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
function steps(objects: KubeObject[], live: KubeObject[] = []): string[] {
  const { objects: plain, hooks } = separateHooks(objects.map(rendered));
  const members = new Map(live.map((one) => [refKey(refOf(one)), one]));
  const input = { setId, finished: {}, ignores: () => [], releaseKey: 'r' };
  const plan = planApply(plain, { ...input, live: { members, gaps: [], forbidden: [] } });
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
