import { describe, expect, it } from 'vitest';
import { CONFIG_SCOPE, type CommitReportLine } from '../../../src/model/commit-report.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { endingsOf, statusesOf } from '../../../src/notifications/commit-status/statuses.ts';

const key = { repository: 'github/acme/loans', commit: 'c'.repeat(40), scope: 'production' };
const line = (
  app: string,
  state: CommitReportLine['state'],
  more: Partial<CommitReportLine> = {},
): CommitReportLine => ({
  target: `github/acme/loans//${app}@production`,
  state,
  ...more,
});
const unhealthy: Failure = { code: 'UNHEALTHY', summary: '0 of 3 pods ready' };
const environment = (lines: CommitReportLine[]) => statusesOf(key, { lines })[0];

describe('the status of an environment', () => {
  it.each<[string, CommitReportLine['state'][], string]>([
    ['nothing moved', [], 'success'],
    ['all are well', ['succeeded', 'unchanged'], 'success'],
    ['one is open', ['succeeded', 'verifying'], 'pending'],
    ['one is blocked', ['succeeded', 'blocked'], 'pending'],
    ['one failed and one is open', ['failed', 'applying'], 'failure'],
    ['one was rolled back', ['succeeded', 'rolled-back'], 'failure'],
    ['one was superseded', ['succeeded', 'superseded'], 'superseded'],
    ['one was superseded and one is open', ['superseded', 'queued'], 'pending'],
  ])('when %s', (_name, states, expected) => {
    expect(environment(states.map((state, i) => line(`app${i}`, state)))?.state).toBe(expected);
  });

  it('says that there is nothing to deploy', () => {
    expect(environment([])).toMatchObject({
      context: 'slipway/production',
      description: 'nothing to deploy',
    });
  });

  it('counts many targets, the worst first, and names the first that failed', () => {
    const lines = [line('a', 'succeeded'), line('b', 'failed', { failure: unhealthy })];
    expect(environment(lines)?.description).toBe('1 failed, 1 succeeded; b: 0 of 3 pods ready');
  });

  it('links to the release that matters most', () => {
    const lines = [line('a', 'succeeded', { release: 'r1' }), line('b', 'failed', { release: 'r2' })];
    expect(environment(lines)?.release).toBe('r2');
  });

  it('is at most 140 characters and one line', () => {
    const status = environment([
      line('a', 'failed', { failure: { ...unhealthy, summary: `first\n${'x'.repeat(300)}` } }),
    ]);
    expect(status?.description).toHaveLength(140);
    expect(status?.description).toMatch(/^a: first x+…$/);
  });

  it('omits the names of pods if the text would be cut', () => {
    const object = {
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      namespace: 'loans',
      name: 'loan-service',
    };
    const pod = 'loan-service-65957fc766-2kgll';
    const summary = 'ImagePullBackOff: image "loan-service:missing" not found';
    const failure: Failure = { ...unhealthy, object, details: { causes: [{ pod, summary }] } };
    const one = line('loan-service', 'failed', { namespace: 'loans', failure });
    expect(environment([one])?.description).toBe(
      'loan-service: Deployment loan-service: 0 of 3 pods ready; ImagePullBackOff: image "loan-service:missing" not found',
    );
  });
});

describe('the statuses of single apps', () => {
  it('exist for at most 10 targets', () => {
    const ten = Array.from({ length: 10 }, (_, i) => line(`app${i}`, 'succeeded'));
    expect(statusesOf(key, { lines: ten }).map(({ context }) => context)).toContain(
      'slipway/production/app9',
    );
    expect(statusesOf(key, { lines: [...ten, line('app10', 'succeeded')] })).toHaveLength(1);
  });

  it('name the commit that supersedes a skipped one', () => {
    const lines = [line('a', 'superseded', { supersededBy: 'd'.repeat(40) })];
    expect(statusesOf(key, { lines })[1]).toMatchObject({
      context: 'slipway/production/a',
      state: 'superseded',
      description: `superseded by ${'d'.repeat(12)}`,
    });
  });
});

it('an invalid slipway.yaml is a failure of slipway/config', () => {
  const place = { file: 'slipway.yaml', line: 3 };
  const failure: Failure = { code: 'CONFIG_INVALID', summary: 'unknown key "app"', place };
  const lines: CommitReportLine[] = [{ state: 'failed', failure }];
  expect(statusesOf({ ...key, scope: CONFIG_SCOPE }, { lines })).toMatchObject([
    { context: 'slipway/config', state: 'failure', description: 'slipway.yaml:3: unknown key "app"' },
  ]);
});

describe('the end of statuses that an earlier report left open', () => {
  const rest: CommitReportLine = { state: 'superseded', supersededBy: 'f'.repeat(40) };
  const context = `slipway/${key.scope}`;
  const said = (lines: CommitReportLine[], ...contexts: string[]) =>
    endingsOf(key, { lines }, contexts).map(({ context: of, state }) => [of, state]);

  it('is what the line of an app says, and superseded for every other one', () => {
    const lines = [rest, line('web', 'succeeded'), line('api', 'failed')];
    expect(said(lines, `${context}/web`, `${context}/api`, `${context}/gone`)).toEqual([
      [`${context}/web`, 'success'],
      [`${context}/api`, 'failure'],
      [`${context}/gone`, 'superseded'],
    ]);
  });

  it('is the worst of all for the environment', () => {
    expect(said([rest, line('web', 'succeeded')], context)).toEqual([[context, 'superseded']]);
    expect(said([rest, line('web', 'failed')], context)).toEqual([[context, 'failure']]);
  });

  it('is said in no context that is not open', () => {
    expect(said([rest, line('web', 'failed')])).toEqual([]);
  });
});
