import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';

/** What a wrong call prints, and how it exits. */
async function refused(...args: string[]): Promise<{ text: string; exitCode: number }> {
  const program = createProgram();
  let text = '';
  const quiet = (command: Command) =>
    command
      .exitOverride()
      .configureOutput({ writeErr: (chunk) => (text += chunk), writeOut: (chunk) => (text += chunk) });
  quiet(program);
  for (const command of program.commands) quiet(command);
  const error = await program.parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error && 'exitCode' in error))
    throw new Error(`slipway ${args.join(' ')} was accepted`);
  return { text, exitCode: Number(error.exitCode) };
}

const names = createProgram().commands.map((command) => command.name());

it('knows its commands', () => {
  expect(names).toContain('deploy');
  expect(names).toContain('worker');
});

it.each(names)('points from an unknown option of slipway %s to its help', async (name) => {
  const { text, exitCode } = await refused(name, '--bogus');
  expect(text).toContain("error: unknown option '--bogus'");
  expect(text).toContain(`See slipway ${name} --help.`);
  expect(exitCode).not.toBe(0);
});

it.each([
  [['deploy', 'web@production', '--jsn'], 'Did you mean --json?', 'See slipway deploy --help.'],
  [['depoy'], 'Did you mean deploy?', 'See slipway --help for the commands.'],
  [['--bogus'], "unknown option '--bogus'", 'See slipway --help for the commands.'],
  [['worker', 'deplyo'], 'there is no worker "deplyo"; did you mean "deploy"?', 'See slipway worker --help.'],
  [['worker', 'kubernetes'], 'possible are intake, plan, deploy, notify', 'See slipway worker --help.'],
  [['deploy', 'web@production', '--timeout', 'soon'], 'a duration such as 30s', 'See slipway deploy --help.'],
  [['status', 'web'], 'too many arguments', 'See slipway status --help.'],
  [['plan'], "missing required argument 'target'", 'See slipway plan --help.'],
  [['release', 'a-1', 'b-2'], 'name one release', 'See slipway release --help.'],
])('refuses %j, suggests what is near and points to the help', async (args, problem, help) => {
  const { text, exitCode } = await refused(...args);
  expect(text).toContain(problem);
  expect(text).toContain(help);
  expect(exitCode).toBe(1);
});

it('exits with 2 for a wrong call of slipway diff, because 1 means that something differs', () => {
  return expect(refused('diff', '--bogus')).resolves.toMatchObject({ exitCode: 2 });
});
