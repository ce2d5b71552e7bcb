import { expect, test } from 'vitest';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { Unhealthy } from '../../../src/ports/cluster.ts';
import { unhealthyEnd } from '../../../src/release/unhealthy.ts';
import { aTarget } from '../../support/targets.ts';

const target = { ...aTarget({ app: 'web', namespace: 'loans' }), timeoutMs: 90_000 };

function unhealthy(name: string, details: Unhealthy['details'] = {}): Unhealthy {
  const object = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'loans', name };
  return { code: 'UNHEALTHY', summary: '0 of 1 pods ready', object, details };
}

function hintFor(details: Unhealthy['details']) {
  return unhealthyEnd(target, [unhealthy('web', details)], { changes: [] }).failure.hint;
}

test('the hint for an object that was not healthy in time names the timeout and how to raise it', () => {
  expect(hintFor({ late: true })).toMatch(
    /^Slipway waited 90 s\. If the app only takes longer, raise its timeout/,
  );
});

test('the hint for an object that failed asks to correct the cause', () => {
  expect(hintFor({})).toBe('Correct what the reason names and push again.');
});

test('the hint for a health expression that cannot be evaluated names its section in slipway.yaml', () => {
  expect(hintFor({ late: true, healthRule: true })).toMatch(/under health in slipway\.yaml/);
});

test('the failure of the release is the failure of the first object, with its file and the number of the others', () => {
  const { object } = unhealthy('web-0');
  const source = { file: 'deploy/web.yaml', line: 12 };
  const changes: ObjectChange[] = [{ ref: object, source, action: 'created', fields: [] }];
  const others = Array.from({ length: 999 }, (_, index) => unhealthy(`web-${index + 1}`));

  expect(unhealthyEnd(target, [unhealthy('web-0'), ...others], { changes }).failure).toMatchObject({
    code: 'UNHEALTHY',
    summary: '0 of 1 pods ready',
    object,
    place: source,
    details: { moreObjects: 999 },
  });
});

test('the change of each unhealthy object has its failure', () => {
  const { object } = unhealthy('web');
  const changes = ['web', 'other'].map(
    (name): ObjectChange => ({ ref: { ...object, name }, action: 'unchanged', fields: [] }),
  );

  const { changeSet } = unhealthyEnd(target, [unhealthy('web')], { changes });

  expect(changeSet.changes.map(({ failure }) => failure?.summary)).toEqual(['0 of 1 pods ready', undefined]);
});
