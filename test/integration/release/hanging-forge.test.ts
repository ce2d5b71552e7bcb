import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { intake } from '../../../src/intake/intake.ts';
import { MAX_PERMITS, startDeployWorker } from '../../../workers/deploy.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { desireApps } from '../../support/releases.ts';
import { eventually } from '../../support/slipway.ts';

const neverAborts = new AbortController().signal;

/** The address of a server that accepts connections and never answers. `asked` resolves at the first one. */
async function silentServer(): Promise<{ url: string; asked: Promise<unknown> }> {
  const server = createServer();
  const asked = once(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

it('releases of a forge that hangs hold up no release of another repository on the same cluster', async () => {
  const gitlab = await silentServer();
  const { slipway, composition } = await compositionUnderTest({ gitlab: gitlab.url });
  const hanging = 'gitlab/acme/hangs';
  const commit = 'a'.repeat(40);
  await desireApps(composition, hanging, commit, 3 * MAX_PERMITS, { cluster: 'prod' });
  const worker = await startDeployWorker(composition);
  onTestFinished(() => worker.stop(0));
  await gitlab.asked;

  const here = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  await intake(here.id, composition, neverAborts);
  await eventually('the release of the other repository', async () => {
    const record = await composition.releases.record(here.target('web'));
    return record?.last?.state === 'succeeded';
  });
  const key = { repository: hanging, commit, scope: 'staging' };
  const failures = (await composition.reports.read(key)).lines.filter(({ failure }) => failure);
  expect(failures, 'the releases of the forge that hangs have not given up').toEqual([]);
});
