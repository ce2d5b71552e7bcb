import { exportsOf } from './connection.ts';
import { startSandbox } from './sandbox.ts';

const started = performance.now();
const say = (line: string) => process.stderr.write(`${line}\n`);

const sandbox = await startSandbox({ log: say });
process.stdout.write(`${exportsOf(sandbox)}\n`);
say(
  `# ready in ${((performance.now() - started) / 1000).toFixed(1)} s; Ctrl-C stops it and removes ${sandbox.dir}`,
);

const stay = setInterval(() => undefined, 1 << 30);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    clearInterval(stay);
    void sandbox.stop();
  });
}
