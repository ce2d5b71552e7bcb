import { loadavg } from 'node:os';
import { afterEach } from 'vitest';
import { lastLogs } from './slipway.ts';

/** A test that fails shows what Slipway said last, and how busy the machine was. */
afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return;
  const logs = lastLogs(60).join('\n\n');
  process.stderr.write(
    `\n${task.name}: failed at load ${loadavg().map((load) => load.toFixed(1))}\n${logs}\n`,
  );
});
