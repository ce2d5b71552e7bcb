import { describe, expect, it, vi } from 'vitest';
import { intake } from '../../../src/intake/intake.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';

const neverAborts = new AbortController().signal;

describe('a target that only its cluster knows, because Redis was emptied', () => {
  it('is found by the first look for which all clusters respond, and by none after it', async () => {
    const { slipway, composition } = await compositionUnderTest();
    const repository = await quietRepository(slipway, (namespace) => ({
      'slipway.yaml': appsYaml(namespace),
      ...app('web', '1'),
    }));
    const id = repository.target('web', 'trial');
    const record = { target: id, cluster: 'prod', namespaces: [repository.namespace], history: [] };
    const answers = [
      { records: [], isComplete: false },
      { records: [record], isComplete: true },
    ];
    const of = vi.fn(async () => answers.shift() ?? { records: [], isComplete: true });
    const look = () => intake(repository.id, { ...composition, records: { of } }, neverAborts);
    const isRemoved = async () => (await composition.releases.record(id))?.target.removed;

    await look();
    expect(await isRemoved()).toBeUndefined();
    await look();
    expect(await isRemoved()).toBe(true);
    await look();
    expect(of).toHaveBeenCalledTimes(2);
  });
});
