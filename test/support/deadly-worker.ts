import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { createSuspects } from '../../src/queue/suspects.ts';
import { createTrials } from '../../src/queue/trials.ts';
import { startWorker } from '../../src/queue/worker.ts';

/**
 * A process with a deploy worker whose job `deadly…` kills it, while the others take some seconds. It writes a line
 * for each job that begins, ends, or is given up. Arguments: the address of Redis, the prefix, the file.
 */
const [url = '', prefix = '', file = ''] = process.argv.slice(2);
const connection = new Redis(url, { maxRetriesPerRequest: null });
const log = pino({ level: 'silent' });
const suspects = createSuspects(connection, prefix);
const say = (word: string, target: string) => appendFileSync(file, `${word} ${target}\n`);

startWorker({
  name: 'deploy',
  connection,
  prefix,
  outside: { clusters: ['prod'], forges: [] },
  concurrency: 10,
  log,
  slots: () => 10,
  quarantine: {
    trials: createTrials(suspects, log),
    workOf: async () => (await connection.get(`${prefix}:work`)) ?? '',
    giveUp: async ({ target }, error) => say(error.code, target),
  },
  async run({ target }) {
    say('began', target);
    if (target.startsWith('deadly') && (await connection.get(`${prefix}:work`)) !== 'harmless') {
      await sleep(500);
      process.kill(process.pid, 'SIGKILL');
    }
    await sleep(3_000);
    say('ended', target);
  },
});
