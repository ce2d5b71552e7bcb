import { Command } from 'commander';
import { apiClient } from './api-client.ts';
import { deployedSchema } from './api-schema.ts';
import { shortCommit } from './describe.ts';
import { environmentHelp, print, printJson } from './output.ts';
import { plain } from './table.ts';

const examples = `
Examples:
  slipway deploy loan-service@production
  slipway deploy loan-service@production --confirm-prune with the prune that was held
  slipway deploy github/acme/loans//web@production       where two targets share the short name
${environmentHelp}`;

/** `slipway deploy <target>`: deploys what the target should run once more, although nothing moved. */
export function deployCommand(): Command {
  return new Command('deploy')
    .description('deploy what a target should run once more, although nothing moved')
    .argument('<target>', '<app>@<environment>, or <repository>//<app>@<environment>')
    .option('--confirm-prune', 'delete also what the last release held back')
    .option('--json', 'print the answer of the API')
    .addHelpText('after', examples)
    .action(async (target: string, { json, confirmPrune }: { json?: boolean; confirmPrune?: boolean }) => {
      const response = await apiClient().post('/api/deploy', deployedSchema, { target, confirmPrune });
      if (json) return printJson(response);
      print(`${plain(response.target)} is queued at ${shortCommit(response.commit)}.`);
      print(`See how it goes: slipway history '${plain(response.target)}'`);
    });
}
