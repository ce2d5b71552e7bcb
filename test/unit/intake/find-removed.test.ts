import { expect, test } from 'vitest';
import { parseSlipwayConfig } from '../../../src/config/parse-slipway.ts';
import { SlipwayError } from '../../../src/errors.ts';
import type { ClusterRecord } from '../../../src/intake/cluster-records.ts';
import { withRemoved } from '../../../src/intake/find-removed.ts';
import type { BranchFinding } from '../../../src/intake/finding.ts';
import type { BranchConfig, Heads } from '../../../src/intake/heads.ts';
import type { Target } from '../../../src/model/target.ts';
import { aTarget } from '../../support/targets.ts';

const config = parseSlipwayConfig(`
version: 1
environments:
  production: { branch: main, cluster: prod, namespace: loans }
  staging: { branch: staging, cluster: prod, namespace: loans }
`);
const invalid = new SlipwayError('CONFIG_INVALID', 'slipway.yaml is invalid');
const web = aTarget();
const staged = aTarget({ environment: 'staging', branch: 'staging' });
const trial = aTarget({ environment: 'trial', branch: 'trial' });

function finding(branch: string, more: Partial<BranchFinding> = {}): BranchFinding {
  return { branch, commit: `head-of-${branch}`, environments: [], targets: [], held: [], ...more };
}

async function lookedAt(
  known: Target[],
  findings: BranchFinding[],
  own: BranchConfig,
  recorded: ClusterRecord[] = [],
) {
  const heads: Heads = {
    defaultBranch: 'main',
    heads: new Map([['main', 'head-of-main']]),
    refused: new Map(),
    environments: config,
    text: '',
    config: own,
  };
  const desired = {
    knownBeside: async (_: string, present: ReadonlySet<string>) =>
      known.filter(({ id }) => !present.has(id)),
  };
  const admission = {
    refusals: ({ namespace }: Target) => (namespace === 'loans-trial' ? [] : [invalid]),
  };
  const ports = { desired, admission } as never;
  return withRemoved('github/acme/web', heads, findings, recorded, ports);
}

async function removed(known: Target[], findings: BranchFinding[], own: BranchConfig) {
  const all = await lookedAt(known, findings, own);
  return all.flatMap(({ targets }) => targets.map((one) => `${one.target.environment} at ${one.commit}`));
}

test('removes an app that the branch of its environment no longer has', async () => {
  expect(await removed([staged], [finding('main'), finding('staging')], config)).toEqual([
    'staging at head-of-staging',
  ]);
});

test('removes the apps of an environment that the default branch no longer has', async () => {
  expect(await removed([trial], [finding('main')], config)).toEqual(['trial at head-of-main']);
});

test.each<[string, Target, BranchFinding[], BranchConfig]>([
  ['whose branch was deleted', staged, [finding('main')], config],
  ['whose branch has no valid slipway.yaml', staged, [finding('staging', { invalid })], config],
  ['of a default branch that is invalid', web, [finding('main', { invalid })], invalid],
  ['of an environment, while the default branch is invalid', trial, [finding('main', { invalid })], invalid],
  [
    'that is refused or has no folder',
    web,
    [finding('main', { held: [{ target: web.id, state: 'blocked' }] })],
    config,
  ],
  ['of a default branch without slipway.yaml', web, [], undefined],
])('does not remove a target %s', async (_, target, findings, own) => {
  expect(await removed([target], findings, own)).toEqual([]);
});

const missing = (environment: string) =>
  finding('main', {
    held: [
      {
        target: `github/acme/web//loans@${environment}`,
        state: 'failed',
        failure: { code: 'PATH_MISSING', summary: 'no folder' },
      },
    ],
  });

test.each<[string, Target, BranchFinding[], string[] | undefined]>([
  [
    'an app of its environment that cannot be desired',
    web,
    [missing('production')],
    ['loans@production: no folder'],
  ],
  ['nothing of another environment', web, [missing('staging')], undefined],
  [
    'for an environment that is gone, anything',
    trial,
    [missing('staging'), finding('live', { invalid })],
    ['loans@staging: no folder', 'branch live has no valid slipway.yaml'],
  ],
])('records with a removal what may take over its objects: %s', async (_, target, findings, expected) => {
  const all = await lookedAt([target], findings, config);
  expect(all.flatMap(({ targets }) => targets.map((one) => one.target.unsettled))).toEqual([expected]);
});

const recorded: ClusterRecord = {
  target: trial.id,
  cluster: 'prod',
  namespaces: ['default', 'loans-trial'],
  history: [],
};

test('removes a target that only its cluster knows, in a namespace that a rule admits', async () => {
  const [main] = await lookedAt([], [finding('main')], config, [recorded]);
  const { id, environment } = trial;
  const wanted = {
    id,
    environment,
    cluster: 'prod',
    namespace: 'loans-trial',
    branch: 'main',
    removed: true,
  };
  expect(main?.targets).toMatchObject([{ target: wanted, commit: 'head-of-main' }]);
});

test('removes a target that Redis and its cluster know once, as Redis knows it', async () => {
  const [main] = await lookedAt([trial], [finding('main')], config, [recorded]);
  expect(main?.targets).toMatchObject([{ target: { namespace: trial.namespace } }]);
});

test('does not remove a target that slipway.yaml has and its cluster knows', async () => {
  const held = [{ target: web.id, state: 'blocked' as const }];
  const [main] = await lookedAt([], [finding('main', { held })], config, [{ ...recorded, target: web.id }]);
  expect(main?.targets).toEqual([]);
});
