import { expect, it } from 'vitest';
import { createPermits } from '../../../src/composition/plan-permits.ts';
import { createPlanning } from '../../../src/composition/planning.ts';
import { compositionUnderTest } from '../../support/composition.ts';
import { desireApps } from '../../support/releases.ts';
import { silentServer } from '../../support/silent-server.ts';
import { aTarget } from '../../support/targets.ts';

const commit = 'a'.repeat(40);
const settings = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'loans', name: 'settings' };

it('a plan that asks what a target of a forge that hangs renders holds up no other plan on the cluster', async () => {
  const gitlab = await silentServer();
  const { composition } = await compositionUnderTest({ gitlab: gitlab.url });
  await desireApps(composition, 'gitlab/acme/hangs', commit, 1, { cluster: 'prod' });
  const target = aTarget({ repository: 'gitlab/acme/other' });
  const cancelled = new AbortController();
  const permits = createPermits(
    () => 1,
    1,
    () => undefined,
  );
  const permit = await permits(target, cancelled.signal);
  const { steps } = createPlanning(composition);
  const right = steps.takeoverRight(target, commit, permit, cancelled.signal);

  const asked = right?.('gitlab/acme/hangs//app-0@staging', settings);
  const ended = expect(asked).rejects.toThrow('nobody waits');
  await gitlab.asked;

  const next = await permits(target, new AbortController().signal);
  next.release();
  cancelled.abort(new Error('nobody waits'));
  await ended;
});
