/**
 * `npm test`: starts the sandbox once, runs the tests, and ends with one line that says how many passed and failed.
 * Arguments go to vitest: `npm test -- test/unit` runs the tests below that folder, and no sandbox for them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { CONNECTION_VARIABLE, connectionOf } from '../sandbox/connection.ts';
import { makeFolder } from '../sandbox/folder.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { needsSandbox } from './support/needs-sandbox.ts';
import { readTally, type Tally } from './support/tally.ts';

/** A test that leaves a child process behind keeps vitest running after its report; such a run has failed. */
const END_TIMEOUT_MS = 120_000;

/** Node's compile cache: with it, the processes that tests start take half the time to start. */
const COMPILE_CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache', 'node');

const tally = await runTests(process.argv.slice(2)).catch((error: unknown) => {
  // For example, the sandbox does not start.
  process.stderr.write(`${inspect(error)}\n`);
  return { passed: 0, failed: 1 };
});
process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;

async function runTests(filters: readonly string[]): Promise<Tally> {
  const sandbox = await sandboxFor(filters);
  const folder = await makeFolder('slipway-tests-');
  const report = join(folder.path, 'vitest.json');
  const exitCode = await runVitest(filters, report, sandbox);
  const found = await readTally(report, exitCode);
  await Promise.all([sandbox?.stop(), folder.remove()]);
  return found;
}

async function sandboxFor(filters: readonly string[]): Promise<Sandbox | undefined> {
  if (process.env[CONNECTION_VARIABLE] !== undefined || !needsSandbox(filters)) return undefined;
  const started = performance.now();
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const running = await startSandbox({ log });
  log(`sandbox ready in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return running;
}

async function runVitest(filters: readonly string[], reportFile: string, running?: Sandbox): Promise<number> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const connection = running && { [CONNECTION_VARIABLE]: JSON.stringify(connectionOf(running)) };
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...filters], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, ...connection },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const watch = setInterval(() => existsSync(reportFile) && endSoon(), 5000);
  const endSoon = () => {
    clearInterval(watch);
    setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS).unref();
  };
  const [code, signal] = await once(child, 'exit');
  clearInterval(watch);
  if (signal !== null) process.stderr.write(`vitest was ended by ${signal}\n`);
  return typeof code === 'number' ? code : 1;
}
