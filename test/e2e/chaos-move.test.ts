import { expect, it } from 'vitest';
import { getObject, letGo } from '../support/cluster.ts';
import { configMap, deployment, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, testRepository } from '../support/repository.ts';
import { eventually, testSlipway } from '../support/slipway.ts';

const objects = [deployment({ image: 'a' }), configMap('settings', { v: '1' }), configMap('rest', {})];

it('a confirmed rename loses no object when its workers are killed between the two halves', async () => {
  const slipway = await testSlipway();
  try {
    await slipway.start('server');
    await Promise.all(['intake', 'notify'].map((name) => slipway.start('worker', name)));
    const startWorker = () => slipway.start('worker', 'deploy');
    let worker = await startWorker();
    const yaml = (app: string, namespace: string) => ({
      'slipway.yaml': slipwayYaml(
        { production: { branch: 'main', cluster: 'prod', namespace } },
        { [app]: { path: `apps/${app}` } },
      ),
    });
    const repository = await testRepository(slipway, (namespace) => yaml('web', namespace));
    const { namespace } = repository;
    const first = await repository.push({ 'apps/web/all.yaml': objects.join('---\n') });
    await repository.reported(first, 'success');
    const uid = async (kind: 'configmap' | 'deployment', name: string) =>
      (await getObject(kind, namespace, name))?.metadata.uid;
    const before = [await uid('deployment', 'loan-service'), await uid('configmap', 'settings')];

    // The new name takes the objects over and then waits for pods that are not ready yet.
    const held = [deployment({ image: 'b:held' }), configMap('settings', { v: '2' })].join('---\n');
    const { sha } = await slipway.forge.commit('github', repository.name, 'main', {
      files: { ...yaml('loans', namespace), 'apps/web/all.yaml': null, 'apps/loans/all.yaml': held },
      message: 'Rename\n\nslipway.dev/confirm-prune: web',
    });
    await repository.reached('loans', ['verifying']);
    await worker.end('SIGKILL');
    worker = await startWorker();
    await eventually(
      'the blocked release of the old name',
      async () => (await repository.history('web'))[0]?.state === 'blocked',
    );
    await worker.end('SIGKILL');
    expect(await uid('configmap', 'rest')).toBeDefined();
    await startWorker();
    await letGo(namespace);

    await repository.reported(sha, 'success');
    expect([await uid('deployment', 'loan-service'), await uid('configmap', 'settings')]).toEqual(before);
    expect(await uid('configmap', 'rest')).toBeUndefined();
    const listed = (await slipway.targets()).map(({ id }) => id);
    expect(listed).toEqual([repository.target('loans')]);
    expect(errorsIn(slipway)).toEqual([]);
  } finally {
    await slipway.stop();
  }
});
