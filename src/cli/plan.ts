import { styleText } from 'node:util';
import { Command, type ErrorOptions } from 'commander';
import { summarize } from '../model/change-set.ts';
import { shortCommit } from '../model/commit.ts';
import { apiClient } from './api-client.ts';
import { type ChangeResponse, planSchema } from './api-schema.ts';
import { changeLines, warningLines } from './change-lines.ts';
import { environmentHelp, print, printJson } from './output.ts';
import { reportError } from './report-error.ts';
import { plain } from './table.ts';

/** Milliseconds a person waits for a dry run of a large app. */
const TIMEOUT = 120_000;

interface PlanOptions {
  ref?: string;
  yaml?: boolean;
  json?: boolean;
}

const planExamples = `
Examples:
  slipway plan loan-service@production --ref feature/v2
  slipway plan loan-service@production --ref 3f0c…40 characters…  --yaml
  slipway plan github/acme/loans//new@production --ref feature/new    an app that was never deployed

Exit code 1: an object would be refused, or there is no plan. 0: the plan would pass.
${environmentHelp}`;

/** `slipway plan <target>`: what deploying a branch or a commit would change; changes nothing. */
export function planCommand(): Command {
  return configured(new Command('plan'))
    .description('show what deploying a branch or a commit would change, by a server-side dry run')
    .option(
      '--ref <ref>',
      'branch, or commit by its 40 characters; default: the commit the target should run',
    )
    .addHelpText('after', planExamples)
    .action(async (target: string, options: PlanOptions) => {
      await show(target, options);
    });
}

const diffExamples = `
Exit code 1: the cluster differs from Git. 0: it does not. 2: that could not be found out.
${environmentHelp}`;

/** `slipway diff <target>`: what differs between the cluster and Git; exit code 1 if they differ. */
export function diffCommand(): Command {
  return configured(new DiffCommand('diff'))
    .description('show what differs between the cluster and the commit a target should run')
    .addHelpText('after', diffExamples)
    .action(async (target: string, options: PlanOptions) => {
      // A hook would run with every release: that is no difference.
      const differs = await show(target, options, ({ hook }) => !hook).catch(couldNotTell);
      if (differs) process.exitCode = 1;
    });
}

/** A wrong call ends with 2 too. */
class DiffCommand extends Command {
  override error(message: string, options?: ErrorOptions): never {
    return super.error(message, { ...options, exitCode: 2 });
  }
}

/** As diff(1) and kubectl diff: a script must not take an unreachable server for a difference. */
function couldNotTell(error: unknown): false {
  reportError(error);
  process.exitCode = 2;
  return false;
}

function configured(command: Command): Command {
  return command
    .argument('<target>', '<app>@<environment>, or <repository>//<app>@<environment>')
    .option('--yaml', 'show the fields as a YAML diff')
    .option('--json', 'print the response of the API');
}

/** Prints the changes of the plan that count; resolves to whether there are any. */
async function show(
  target: string,
  { ref, yaml, json }: PlanOptions,
  counts: (change: ChangeResponse) => boolean = () => true,
): Promise<boolean> {
  const response = await apiClient().post('/api/plan', planSchema, { target, ref }, TIMEOUT);
  const changes = response.changeSet.changes.filter(counts);
  const differing = changes.filter(({ action }) => action !== 'unchanged' && action !== 'skipped');
  if (json) printJson(response);
  else {
    const head = `${styleText('bold', plain(response.target))} at ${shortCommit(response.commit)}: ${summarize({ changes })}`;
    const shown = changes.filter(({ action }) => action !== 'unchanged');
    print(
      [head, ...warningLines(response.changeSet.warnings), ...changeLines(shown, yaml ?? false)].join('\n'),
    );
  }
  if (changes.some(({ action }) => action === 'failed')) process.exitCode = 1;
  return differing.length > 0;
}
