import { describe, expect, test } from 'vitest';
import { createHealthEvaluator } from '../../../../src/health/index.ts';
import type { HealthRule } from '../../../../src/model/health-rule.ts';
import type { KubeObject } from '../../../../src/model/object.ts';
import { condition, object } from '../objects.ts';

const oven: Omit<HealthRule, 'kind'> = {
  suspended: 'spec.off',
  failed: 'status.phase == "Broken"',
  failing: 'status.phase == "Smoking"',
  progressing: 'status.degrees < spec.degrees',
  healthy: 'status.phase == "Hot"',
  message: 'status.phase + " at " + string(status.degrees)',
};

function custom(status?: object, spec: object = {}, metadata: object = {}): KubeObject {
  const body = status ? { status, spec, metadata } : { spec, metadata };
  return { ...object('Oven', body), apiVersion: 'kitchen.example.com/v1' };
}

function evaluateHealth(rule: Omit<HealthRule, 'kind'>, live: KubeObject, kind = 'Oven.kitchen.example.com') {
  return createHealthEvaluator([{ kind, ...rule }])(live);
}

describe('the first expression that is true decides', () => {
  test.each([
    ['suspended', { phase: 'Broken', degrees: 5 }, { off: true }, 'suspended', undefined, 'Broken at 5'],
    ['failed', { phase: 'Broken', degrees: 5 }, { degrees: 10 }, 'failed', true, 'Broken at 5'],
    ['failing', { phase: 'Smoking', degrees: 5 }, { degrees: 10 }, 'failed', undefined, 'Smoking at 5'],
    ['progressing', { phase: 'Hot', degrees: 5 }, { degrees: 10 }, 'progressing', undefined, 'Hot at 5'],
    ['healthy', { phase: 'Hot', degrees: 10 }, { degrees: 10 }, 'healthy', undefined, 'Hot at 10'],
    ['none', { phase: 'Cold', degrees: 10 }, { degrees: 10 }, 'progressing', undefined, 'Cold at 10'],
  ])('%s', (_, status, spec, state, final, message) => {
    const verdict = evaluateHealth(oven, custom(status, spec));

    expect(verdict).toMatchObject({ state, message });
    expect('final' in verdict ? verdict.final : undefined).toBe(final);
  });
});

test('says that no expression is true if the rule has no message', () => {
  const { message: _, ...silent } = oven;

  expect(evaluateHealth(silent, custom({ phase: 'Cold', degrees: 10 }, { degrees: 10 }))).toEqual({
    state: 'progressing',
    message: 'Cold; no expression of its health rule is true',
  });
});

describe('a missing field', () => {
  test('makes an expression false and the object progressing', () => {
    expect(evaluateHealth(oven, custom())).toEqual({
      state: 'progressing',
      message: 'waiting for its controller',
    });
  });

  test('in the message falls back to the status of the object', () => {
    const live = custom({ phase: 'Hot', conditions: [condition('Ready', 'True', 'Heated', 'all is well')] });

    expect(evaluateHealth(oven, live)).toEqual({ state: 'healthy', message: 'Heated: all is well' });
  });

  test('includes conditions of an older generation', () => {
    const rule = { healthy: 'conditions.Lit.status == "True"' };
    const live = custom({ conditions: [{ ...condition('Lit', 'True'), observedGeneration: 1 }] });

    expect(evaluateHealth(rule, live).state).toBe('progressing');
  });
});

describe('an expression that cannot be evaluated is false and says why', () => {
  test.each([
    ['status.phase + 1 == 2', 'health rule: healthy: found no matching overload'],
    ['status.phase', 'health rule: healthy is neither true nor false'],
    [
      'status.list.all(x, status.list.all(y, x >= y || true))',
      'health rule: healthy: costs too much: it walks through too many values',
    ],
  ])('%s', (healthy, message) => {
    const list = Array.from({ length: 1000 }, (_, index) => index);
    const verdict = evaluateHealth({ healthy }, custom({ phase: 'Hot', list }));

    expect(verdict).toMatchObject({
      state: 'progressing',
      message: expect.stringContaining(message),
      isRuleBroken: true,
    });
  });

  test('and leaves the decision to the other expressions', () => {
    const rule = { failed: 'status.phase + 1 == 2', healthy: 'status.phase == "Hot"' };

    expect(evaluateHealth(rule, custom({ phase: 'Hot' })).state).toBe('healthy');
  });
});

describe('a release with many objects whose rule is costly', () => {
  const list = Array.from({ length: 50 }, (_, index) => index);
  const costly = {
    kind: 'Oven.kitchen.example.com',
    healthy: 'status.list.all(x, status.list.all(y, x >= y || true))',
  };
  const cheap = { kind: 'Pan.kitchen.example.com', healthy: 'status.phase == "Hot"' };
  const ovens = Array.from({ length: 500 }, () => custom({ list }));

  test('evaluates it for the first ones, and says for the others that it costs too much together', () => {
    const evaluate = createHealthEvaluator([costly, cheap]);

    const verdicts = ovens.map((oven) => evaluate(oven));

    const evaluated = verdicts.filter(({ state }) => state === 'healthy').length;
    expect(evaluated).toBeGreaterThan(0);
    expect(evaluated).toBeLessThan(50);
    expect(verdicts.at(-1)).toMatchObject({
      isRuleBroken: true,
      message: expect.stringContaining(
        'costs too much: it walks through too many values, together with the other',
      ),
    });
    expect(evaluate({ ...custom({ phase: 'Hot' }), kind: 'Pan' }).state).toBe('healthy');
  });

  test('does not take from what another release may cost', () => {
    const [one, other] = [createHealthEvaluator([costly]), createHealthEvaluator([costly])];
    for (const oven of ovens) one(oven);

    expect(other(custom({ list })).state).toBe('healthy');
  });

  test('never counts an evaluation that is cheap', () => {
    const evaluate = createHealthEvaluator([cheap]);
    const pan = { ...custom({ phase: 'Hot' }), kind: 'Pan' };

    const states = Array.from({ length: 100_000 }, () => evaluate(pan).state);

    expect(new Set(states)).toEqual(new Set(['healthy']));
  });
});

describe('before any rule', () => {
  test('an object that is being deleted is terminating', () => {
    expect(evaluateHealth({ healthy: 'true' }, custom({}, {}, { deletionTimestamp: 'now' })).state).toBe(
      'terminating',
    );
  });

  test('an object that its controller has not observed is progressing', () => {
    expect(evaluateHealth({ failed: 'true', healthy: 'true' }, custom({ observedGeneration: 1 })).state).toBe(
      'progressing',
    );
  });

  test('unless it is suspended', () => {
    expect(
      evaluateHealth({ suspended: 'spec.off' }, custom({ observedGeneration: 1 }, { off: true })).state,
    ).toBe('suspended');
  });
});

describe('a rule for a kind with a known rule', () => {
  const deployment = object('Deployment', {
    spec: { replicas: 1 },
    status: { observedGeneration: 2, conditions: [condition('Progressing', 'True', 'Odd')] },
  });

  test('replaces the known rule if it has a healthy expression', () => {
    expect(
      evaluateHealth({ healthy: 'conditions.Progressing.reason == "Odd"' }, deployment, 'Deployment.apps')
        .state,
    ).toBe('healthy');
  });

  test('is evaluated first if it has no healthy expression', () => {
    expect(
      evaluateHealth({ failed: 'conditions.Progressing.reason == "Odd"' }, deployment, 'Deployment.apps')
        .state,
    ).toBe('failed');
    expect(evaluateHealth({ failed: 'spec.replicas == 7' }, deployment, 'Deployment.apps')).toEqual(
      createHealthEvaluator()(deployment),
    );
  });

  test('may be for the core group', () => {
    const pod = object('Pod', { status: { phase: 'Running' } });

    expect(evaluateHealth({ healthy: 'status.phase == "Running"' }, pod, 'Pod').state).toBe('healthy');
  });
});

test.each([
  [['*.kitchen.example.com', 'Oven.kitchen.example.com'], 'Oven.kitchen.example.com'],
  [['*.*.example.com', '*.kitchen.example.com'], '*.kitchen.example.com'],
  [['*.*.com', '*.*.example.com'], '*.*.example.com'],
  [['*.*.example.com', 'Oven.*.example.com'], 'Oven.*.example.com'],
  [['*.*.com', 'Pan.kitchen.example.com', '*.example.com'], '*.*.com'],
])('of the rules for %j the most exact one counts: %s', (kinds, chosen) => {
  const rules = kinds.map((kind) => ({ kind, healthy: 'true', message: JSON.stringify(kind) }));

  expect(createHealthEvaluator(rules)(custom()).message).toBe(chosen);
});

test.each(['Oven.other.com', '*.example.com', 'Oven', '*.kitchen.example.com.au'])(
  'a rule for %s is not for the kind Oven of kitchen.example.com',
  (kind) => {
    expect(evaluateHealth({ failed: 'true' }, custom({ phase: 'Hot' }), kind).state).toBe('healthy');
  },
);

test('expressions cannot read the data of a Secret or its last-applied annotation', () => {
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"aHVudGVyMg=="}}',
    note: 'kept',
  };
  const secret = { ...object('Secret', { metadata: { annotations } }), data: { password: 'aHVudGVyMg==' } };
  const rule = (message: string) => evaluateHealth({ healthy: 'true', message }, secret, 'Secret').message;

  expect(rule('object.data.password')).toBe('healthy');
  expect(rule('metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]')).toBe('healthy');
  expect(rule('object.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]')).toBe(
    'healthy',
  );
  expect(rule('object.metadata.annotations.note + metadata.name')).toBe('keptweb');
});

test('expressions can read every field of other kinds', () => {
  const map = { ...object('ConfigMap'), data: { ready: 'yes' } };

  expect(evaluateHealth({ healthy: 'object.data.ready == "yes"' }, map, 'ConfigMap').state).toBe('healthy');
});
