import { expect, test } from 'vitest';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { Unhealthy } from '../../../src/ports/cluster.ts';
import { unhealthyEnd } from '../../../src/release/unhealthy.ts';
import { aTarget } from '../../support/targets.ts';

const target = { ...aTarget({ app: 'web', namespace: 'loans' }), timeoutMs: 90_000 };

function unhealthy(name: string, late?: boolean): Unhealthy {
  const ref = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'loans', name };
  return { ref, message: '0 of 1 pods ready', late };
}

test('what was not healthy in time says how long it was waited for, and how to wait longer', () => {
  expect(unhealthyEnd(target, [unhealthy('web', true)], { changes: [] })).toEqual({
    changeSet: { changes: [] },
    reason: 'Deployment web: 0 of 1 pods ready',
    hint: expect.stringMatching(/^It was waited for 90 s\. Where it only takes longer, raise timeout/),
  });
});

test('what fails is to be corrected', () => {
  const { ref } = unhealthy('web');
  const change: ObjectChange = { ref, source: 'deploy/web.yaml:12', action: 'created', fields: [] };
  const hintOf = (changes: ObjectChange[]) => unhealthyEnd(target, [unhealthy('web')], { changes }).hint;
  expect(hintOf([change])).toBe('Correct what the reason names (deploy/web.yaml:12) and push again.');
  expect(hintOf([])).toBe('Correct what the reason names and push again.');
});

test('a mistake in a rule of slipway.yaml is to be corrected there', () => {
  const one = {
    ...unhealthy('web', true),
    message: 'health rule: healthy: found no matching overload; Cold',
  };

  expect(unhealthyEnd(target, [one], { changes: [] }).hint).toMatch(/under health in slipway\.yaml/);
});

test('of many only the first are told', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => unhealthy(`web-${index}`));

  const { reason = '' } = unhealthyEnd(target, many, { changes: [] });

  expect(reason).toMatch(
    /^Deployment web-0: .*Deployment web-4: 0 of 1 pods ready; 995 more are not healthy$/,
  );
});

test('each object says in the change set that it is not healthy', () => {
  const { ref } = unhealthy('web');
  const changes = ['web', 'other'].map(
    (name): ObjectChange => ({ ref: { ...ref, name }, action: 'unchanged', fields: [] }),
  );

  const { changeSet } = unhealthyEnd(target, [unhealthy('web')], { changes });

  expect(changeSet?.changes.map(({ reason }) => reason)).toEqual([
    'not healthy: 0 of 1 pods ready',
    undefined,
  ]);
});
