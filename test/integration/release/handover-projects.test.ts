import { expect, it } from 'vitest';
import { intake } from '../../../src/intake/intake.ts';
import { deploy } from '../../../src/release/deploy.ts';
import { shown } from '../../support/failures.ts';
import { configMap } from '../../support/loan-service.ts';
import { fixture, neverAborts } from './move-setup.ts';

const shared = configMap('shared', { v: '1' });
const own = (name: string) => ({ [`apps/${name}/own.yaml`]: configMap(name, {}) });
const withShared = (name: string) => ({ ...own(name), [`apps/${name}/shared.yaml`]: shared });
const withoutShared = (name: string) => ({ [`apps/${name}/shared.yaml`]: null });

/** App `web` of one repository runs ConfigMap `shared`; app `next` of another repository renders it too. */
async function twoRepositories() {
  const loans = await fixture();
  await loans.push(['web'], withShared('web'));
  await loans.deploy('web');
  const uid = await loans.uid('shared');
  const next = await loans.anotherRepository(['next'], withShared('next'));
  return {
    ...loans,
    before: uid,
    next,
    deployNext: (ports = loans.ports) => deploy(next, ports, neverAborts),
    newestNext: async () => (await loans.composition.releases.history(next, 1))[0],
    drop: () => loans.push(['web'], withoutShared('web')),
  };
}

it('an object moves to an app of another repository that was refused, as soon as the first one drops it', async () => {
  const loans = await twoRepositories();
  await loans.deployNext();
  expect(shown(await loans.newestNext())).toMatchObject({
    state: 'failed',
    hint: expect.stringContaining('or remove it from web@production of'),
  });
  await loans.drop();
  await loans.deploy('web');
  expect(shown(await loans.newest('web'))).toMatchObject({
    state: 'succeeded',
    reason: `left for ${loans.next.replace('@production', '')} (ConfigMap shared)`,
  });
  await loans.deployNext();
  expect(await loans.newestNext()).toMatchObject({ state: 'succeeded', cause: { kind: 'retry' } });
  expect(await loans.uid('shared')).toBe(loans.before);
  expect(await loans.setOf('shared')).toBe(await loans.setOf('next'));
});

it('an object is left for an app of another repository that has not been released yet', async () => {
  const loans = await twoRepositories();
  await loans.drop();
  await loans.deploy('web');
  await loans.deployNext();
  expect(await loans.newestNext()).toMatchObject({ state: 'succeeded' });
  expect(await loans.uid('shared')).toBe(loans.before);
});

it.each(['web', 'next'])(
  'between projects both sides say what to do, and nothing is deleted: %s first',
  async (first) => {
    const loans = await twoRepositories();
    const admission = {
      ...loans.ports.admission,
      isSameProject: (one: string, other: string) => one === other,
    };
    const ports = { ...loans.ports, admission };
    await loans.drop();
    if (first === 'next') await loans.deployNext(ports);
    await loans.deploy('web', ports);
    if (first === 'web') await loans.deployNext(ports);

    expect(await loans.uid('shared')).toBe(loans.before);
    expect(shown(await loans.newest('web'))).toMatchObject({
      state: 'succeeded',
      reason: `left, because ${loans.next} of another project renders it (ConfigMap shared)`,
      hint: expect.stringMatching(/^Write adopt: true for app next in the slipway.yaml of /),
    });
    expect(shown(await loans.newestNext())).toMatchObject({
      state: 'failed',
      hint: expect.stringMatching(/^Remove it here or there; or write adopt: true for app next/),
    });
  },
);

it('an object of another project that the rules do not let an app write is pruned although the app renders it', async () => {
  const loans = await twoRepositories();
  const admission = {
    ...loans.ports.admission,
    isSameProject: (one: string, other: string) => one === other,
  };
  const violation = { engine: 'rules', rule: 'no', mode: 'enforce', message: 'no' } as const;
  const policy: typeof loans.ports.policy = {
    ...loans.ports.policy,
    evaluate: async (target, objects) =>
      target.id === loans.next
        ? objects.map(({ object, source }) => ({
            ...violation,
            object: { group: '', version: 'v1', kind: object.kind, name: object.metadata.name ?? '' },
            place: source,
          }))
        : [],
  };
  await loans.drop();
  await loans.deploy('web', { ...loans.ports, admission, policy });
  expect(await loans.uid('shared')).toBeUndefined();
});

it('an object goes back to the app that it was adopted from, if the adopting app drops it', async () => {
  const loans = await fixture();
  const { namespace } = loans.repository;
  const yaml = (adopt: boolean) => ({
    'slipway.yaml': JSON.stringify({
      version: 1,
      environments: { production: { branch: 'main', cluster: 'prod', namespace } },
      apps: { web: { path: 'apps/web' }, next: { path: 'apps/next', adopt } },
    }),
  });
  const push = async (files: Record<string, string | null>) => {
    await loans.repository.push(files);
    await intake(loans.repository.id, loans.composition, neverAborts);
  };
  await push({ ...yaml(false), ...withShared('web'), ...own('next') });
  await loans.deploy('web');
  await loans.deploy('next');
  const before = await loans.uid('shared');
  await push({ ...yaml(true), ...withShared('next') });
  await loans.deploy('next');
  expect(await loans.setOf('shared')).toBe(await loans.setOf('next'));

  await push(withoutShared('next'));
  await loans.deploy('next');
  await loans.deploy('web');
  expect(await loans.uid('shared')).toBe(before);
  expect(await loans.setOf('shared')).toBe(await loans.setOf('web'));
});
