#!/usr/bin/env node
import { Command } from 'commander';
import { deliveriesCommand } from './cli/deliveries.ts';
import { deployCommand } from './cli/deploy.ts';
import { historyCommand } from './cli/history.ts';
import { diffCommand, planCommand } from './cli/plan.ts';
import { releaseCommand } from './cli/release.ts';
import { reportError } from './cli/report-error.ts';
import { runCommand, serverCommand, workerCommand } from './cli/run.ts';
import { statusCommand } from './cli/status.ts';
import { validateCommand } from './cli/validate.ts';
import { slipwayVersion } from './kube/slipway-version.ts';

const program = new Command('slipway')
  .description('Merge is deploy: puts merged Git changes onto Kubernetes clusters and answers on the commit.')
  .version(slipwayVersion)
  .showHelpAfterError('(slipway --help lists the commands)')
  .addCommand(runCommand())
  .addCommand(serverCommand())
  .addCommand(workerCommand())
  .addCommand(validateCommand())
  .addCommand(statusCommand())
  .addCommand(historyCommand())
  .addCommand(releaseCommand())
  .addCommand(planCommand())
  .addCommand(diffCommand())
  .addCommand(deployCommand())
  .addCommand(deliveriesCommand());

try {
  await program.parseAsync();
} catch (error) {
  reportError(error);
}
