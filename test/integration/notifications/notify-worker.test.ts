import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createMasker } from '../../../src/telemetry/secrets.ts';
import { startNotifyWorker } from '../../../workers/notify.ts';
import { compositionUnderTest } from '../../support/composition.ts';
import { found } from '../../support/found.ts';

it('the notify worker delivers release events to every channel, and stops at once', async () => {
  const { composition } = await compositionUnderTest();
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger({ level: 'info', masker: createMasker([]), stream });
  const process = { ...composition, log };
  const worker = startNotifyWorker({ process, mirrors: () => composition.mirrors });
  onTestFinished(() => worker.stop(0));
  // A channel begins with the events written after its first start.
  const consuming = () => composition.redis.hexists(composition.keys.channel('log'), 'holder');
  await expect.poll(consuming).toBe(1);

  const { target, ...rest } = found('web', 'one');
  const sequence = await composition.desired.nextSequence(target.repository);
  await composition.desired.setDesired(target.repository, sequence, [{ target, ...rest }]);

  const events = () => lines.filter(({ msg }) => msg === 'release event');
  await expect.poll(events).toMatchObject([{ event: 'queued', target: target.id, commit: 'one' }]);
  // It would wait for the whole grace if a channel did not stop.
  await worker.stop(3_600_000);
  expect(await consuming()).toBe(0);
});
