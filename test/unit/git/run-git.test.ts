import { expect, it } from 'vitest';
import { runGit } from '../../../src/git/run-git.ts';

/** A program that prints as git does while it fetches. */
const run = (script: string, timeoutMs: number, onSilence: boolean) =>
  runGit({
    program: 'sh',
    args: ['-c', script],
    env: { PATH: process.env.PATH ?? '' },
    timeoutMs,
    onSilence,
  });

const talks = "for i in 1 2 3 4 5 6 7 8; do printf 'Receiving objects: %s%%\\r' $i >&2; sleep 0.5; done";

it('lets a call go on while it prints, however long it takes', async () => {
  const { code, timedOut } = await run(talks, 3_000, true);
  expect({ code, timedOut }).toEqual({ code: 0, timedOut: false });
});

it('ends a call that falls silent', async () => {
  const { code, timedOut } = await run('echo begun >&2; sleep 600', 500, true);
  expect({ code, timedOut }).toEqual({ code: undefined, timedOut: true });
});

it('ends a call that only has so long, although it prints', async () => {
  const { timedOut } = await run('while true; do echo still >&2; sleep 0.1; done', 500, false);
  expect(timedOut).toBe(true);
});

it('keeps the reason of a failure behind any amount of progress', async () => {
  const much = "yes 'Receiving objects: 1%' | head -n 15000 | tr '\\n' '\\r' >&2";
  const { stderr } = await run(`${much}; echo 'fatal: early EOF' >&2; exit 128`, 60_000, true);
  expect(stderr.trim()).toBe('fatal: early EOF');
});
