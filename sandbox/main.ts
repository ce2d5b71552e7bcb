/**
 * `npm run sandbox`: starts the sandbox, prints the variables to set to stdout, and runs until Ctrl-C. Progress goes to
 * stderr.
 */
import { exportsOf } from './connection.ts';
import { startSandbox } from './sandbox.ts';

const say = (line: string) => process.stderr.write(`# ${line}\n`);
const started = performance.now();

const sandbox = await startSandbox({ log: say }).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
process.stdout.write(`${exportsOf(sandbox)}\n`);
say(
  `ready in ${((performance.now() - started) / 1000).toFixed(1)} s; Ctrl-C stops it and removes ${sandbox.dir}`,
);

const stay = setInterval(() => undefined, 60_000);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, async () => {
    clearInterval(stay);
    await sandbox.stop();
    say('stopped');
  });
}
