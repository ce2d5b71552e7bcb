import { expect, it } from 'vitest';
import { app, appsYaml } from '../support/apps.ts';
import { errorsIn, testRepository } from '../support/repository.ts';
import { testSlipway } from '../support/slipway.ts';

it('a push of one app does not wait behind a push of two hundred', async () => {
  const slipway = await testSlipway();
  try {
    await slipway.start('server');
    await Promise.all(['intake', 'notify'].map((name) => slipway.start('worker', name)));
    const names = Array.from({ length: 200 }, (_, i) => `app-${i}`);
    const repository = await testRepository(slipway, (namespace) => ({
      'slipway.yaml': appsYaml(namespace),
    }));
    const large = await repository.push(Object.assign({}, ...names.map((name) => app(name, '1'))));
    await repository.delivered('the large push', ({ commit }) => commit === large);
    const small = await repository.push(app('app-199', '2'));
    await repository.delivered('the small push', ({ commit }) => commit === small);

    // Both pushes are queued when the first worker starts.
    await slipway.start('worker', 'deploy');
    await repository.reported(small, 'success');
    await repository.reported(large, 'success');

    const ends = await Promise.all(
      names.map(async (name) => (await repository.history(name))[0]?.endedAt ?? Number.NaN),
    );
    const smallEnd = ends.at(-1) ?? Number.NaN;
    const before = ends.filter((end) => end < smallEnd).length;
    expect(before, 'releases of the large push that had ended before the small one').toBeLessThan(50);
    expect(errorsIn(slipway)).toEqual([]);
  } finally {
    await slipway.stop();
  }
});
