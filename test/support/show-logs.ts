import { loadavg } from 'node:os';
import { afterEach } from 'vitest';
import { lastLogs } from './slipway.ts';

/** A failed test shows the last logs of Slipway and the load of the machine. */
afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return;
  const logs = lastLogs(60).join('\n\n');
  process.stderr.write(
    `\n${task.name}: failed at load ${loadavg().map((load) => load.toFixed(1))}\n${logs}\n`,
  );
});
