import { styleText } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import { duration, durationMs } from '../config/values.ts';
import { shortCommit } from '../model/commit.ts';
import { hintOf } from '../model/describe-outcome.ts';
import { type ApiClient, apiClient } from './api-client.ts';
import { deployedSchema, type ReleaseResponse } from './api-schema.ts';
import { coloured, sayingOf, shortTarget, took } from './describe.ts';
import { type Asked, followRelease, isOvertaken } from './follow-release.ts';
import { environmentHelp, note, print, printJson } from './output.ts';
import { plain } from './table.ts';

const examples = `
Examples:
  slipway deploy loan-service@production
  slipway deploy loan-service@production --wait
  slipway deploy loan-service@production --confirm-prune with the prune that waits
  slipway deploy github/acme/loans//web@production       if two targets share the short name

Exit code with --wait: 0 if the release succeeded, 1 if it failed, was superseded or did not end in time.
${environmentHelp}`;

interface DeployOptions {
  confirmPrune?: boolean;
  wait?: boolean;
  timeout: number;
  json?: boolean;
}

/** `slipway deploy <target>`: deploys the commit that the target should run once more, although nothing changed. */
export function deployCommand(): Command {
  return new Command('deploy')
    .description('deploy the commit that a target should run once more, although nothing changed')
    .argument('<target>', '<app>@<environment>, or <repository>//<app>@<environment>')
    .option('--confirm-prune', 'also delete the objects whose deletion waits for a confirmation')
    .option('--wait', 'follow the release to its end')
    .addOption(
      new Option('--timeout <duration>', 'with --wait: how long, such as 90s or 1h')
        .argParser(parseDuration)
        .default(durationMs('10m'), '10m'),
    )
    .option('--json', 'print the response of the API')
    .addHelpText('after', examples)
    .action(deploy);
}

async function deploy(target: string, options: DeployOptions): Promise<void> {
  const { confirmPrune, wait, json } = options;
  const api = apiClient();
  const asked = await api.post('/api/deploy', deployedSchema, { target, confirmPrune });
  if (!json) print(`${plain(asked.target)} is queued at ${shortCommit(asked.commit)}.`);
  if (wait) return follow(asked, api, options);
  if (json) printJson(asked);
  else print(`Follow it: slipway history '${plain(asked.target)}'`);
}

/** Prints what the release goes through, and its end. Ctrl-C ends the waiting and not the release. */
async function follow(asked: Asked, api: ApiClient, { timeout, json }: DeployOptions): Promise<void> {
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  process.once('SIGINT', leave);
  try {
    const release = await followRelease(asked, api, {
      timeoutMs: timeout,
      signal: leaving.signal,
      onChange: (one) => {
        if (!json) print(`${coloured(one.state)}  ${sayingOf(one)}`.trimEnd());
      },
      onUnreachable: ({ message }) => note(`${message}; still waiting`),
    });
    if (json) printJson(release);
    else print(endLines(release, asked).join('\n'));
    if (!isGood(release, asked)) process.exitCode = 1;
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    note(`No longer waiting. The release goes on: slipway history '${plain(asked.target)}'`);
    process.exitCode = 130;
  } finally {
    process.off('SIGINT', leave);
  }
}

function isGood(release: ReleaseResponse, asked: Asked): boolean {
  const { state } = release;
  return !isOvertaken(release, asked) && (state === 'succeeded' || state === 'unchanged');
}

function endLines(release: ReleaseResponse, asked: Asked): string[] {
  const { target, number, commit, startedAt, endedAt, url } = release;
  const hint = hintOf(release);
  const name = plain(`${shortTarget(target)} #${number}`);
  if (isOvertaken(release, asked))
    return [`Superseded: ${name} deploys ${shortCommit(commit)} instead.`, ...pageLine(url)];
  const duration = endedAt === undefined ? '' : ` after ${took(endedAt - startedAt)}`;
  const next = hint === undefined ? [] : [plain(hint)];
  return [`${styleText('bold', name)} ${coloured(release.state)}${duration}`, ...next, ...pageLine(url)];
}

function pageLine(url: string | undefined): string[] {
  return url === undefined ? [] : [url];
}

function parseDuration(text: string): number {
  const parsed = duration.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('It must be a duration such as 30s, 3m or 1h.');
  return durationMs(parsed.data);
}
