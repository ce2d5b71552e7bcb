import { Command } from 'commander';
import { shortCommit } from '../model/commit.ts';
import { allTargets } from './all-targets.ts';
import { apiClient } from './api-client.ts';
import { historySchema, type ReleaseResponse } from './api-schema.ts';
import { age, coloured, sayingOf, shortTarget, took } from './describe.ts';
import { environmentHelp, print, printJson } from './output.ts';
import { plain, table } from './table.ts';

const examples = `
Examples:
  slipway history                                        the last release of every target
  slipway history loan-service@production
  slipway history github/acme/loans//web@production      if two targets share the short name
${environmentHelp}`;

interface HistoryOptions {
  limit: string;
  json?: boolean;
}

/** `slipway history [target]`: the releases of a target, or the last one of every target. */
export function historyCommand(): Command {
  return new Command('history')
    .description('show the releases of a target, or the last one of every target')
    .argument('[target]', '<app>@<environment>, or <repository>//<app>@<environment>')
    .option('-n, --limit <count>', 'releases to show, 1 to 100', '20')
    .option('--json', 'print the response of the API')
    .addHelpText('after', examples)
    .action((target: string | undefined, options: HistoryOptions) =>
      target === undefined ? everyTarget(options) : oneTarget(target, options),
    );
}

async function oneTarget(target: string, { limit, json }: HistoryOptions): Promise<void> {
  const response = await apiClient().get('/api/targets/history', historySchema, { target, limit });
  if (json) return printJson(response);
  if (response.releases.length === 0) return print(`${plain(response.target)} has no release yet.`);
  print(releaseTable(response.releases));
}

async function everyTarget({ limit, json }: HistoryOptions): Promise<void> {
  const targets = await allTargets(apiClient());
  const newest = targets
    .flatMap(({ release }) => (release ? [release] : []))
    .sort((a, b) => b.startedAt - a.startedAt)
    .slice(0, Number(limit));
  if (json) return printJson({ releases: newest });
  if (newest.length === 0) return print('No release yet. The first push to a repository creates one.');
  print(releaseTable(newest));
}

function releaseTable(releases: ReleaseResponse[]): string {
  const now = Date.now();
  const rows = releases.map((release) => [
    release.id,
    plain(shortTarget(release.target)),
    coloured(release.state),
    shortCommit(release.commit),
    plain(release.cause.by ?? release.cause.kind),
    age(release.startedAt, now),
    release.endedAt === undefined ? '' : took(release.endedAt - release.startedAt),
    sayingOf(release),
  ]);
  return table(['RELEASE', 'TARGET', 'STATE', 'COMMIT', 'BY', 'AGE', 'TOOK', ''], rows);
}
