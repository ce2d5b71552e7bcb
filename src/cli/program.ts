import { Command } from 'commander';
import { slipwayVersion } from '../kube/slipway-version.ts';
import { deliveriesCommand } from './deliveries.ts';
import { deployCommand } from './deploy.ts';
import { historyCommand } from './history.ts';
import { diffCommand, planCommand } from './plan.ts';
import { quarantineCommand } from './quarantine.ts';
import { releaseCommand } from './release.ts';
import { runCommand, serverCommand, workerCommand } from './run.ts';
import { statusCommand } from './status.ts';
import { validateCommand } from './validate.ts';

/** The `slipway` command with all of its subcommands. */
export function createProgram(): Command {
  const program = new Command('slipway')
    .description(
      'Merge is deploy: applies merged Git changes to Kubernetes clusters and reports on the commit.',
    )
    .version(slipwayVersion)
    .showHelpAfterError('See slipway --help for the commands.');
  for (const command of commands()) {
    // Commander names what is near a mistyped option; the rest is in the help of the command.
    command.showHelpAfterError(`See slipway ${command.name()} --help.`);
    program.addCommand(command);
  }
  return program;
}

function commands(): Command[] {
  return [
    runCommand(),
    serverCommand(),
    workerCommand(),
    validateCommand(),
    statusCommand(),
    historyCommand(),
    releaseCommand(),
    planCommand(),
    diffCommand(),
    deployCommand(),
    deliveriesCommand(),
    quarantineCommand(),
  ];
}
