import { Command, Option } from 'commander';
import { shortCommit } from '../model/commit.ts';
import { RELEASE_STATES } from '../model/release.ts';
import { allTargets, type TargetQuery } from './all-targets.ts';
import { apiClient } from './api-client.ts';
import type { TargetResponse } from './api-schema.ts';
import { age, coloured, sayingOf, shortTarget } from './describe.ts';
import { environmentHelp, print, printJson } from './output.ts';
import { plain, table } from './table.ts';

const examples = `
Examples:
  slipway status
  slipway status --project loans --environment production
  slipway status --state failed --json | jq -r '.targets[].id'
${environmentHelp}`;

/** `slipway status`: every target, what it runs and the outcome of its last release. */
export function statusCommand(): Command {
  return new Command('status')
    .description('show every target: what it runs, and the outcome of its last release')
    .option('--project <name>', 'only targets of this project of server.yaml')
    .option('--repository <id>', 'only targets of this repository: <forge>/<owner>/<name>')
    .option('--environment <name>', 'only targets of this environment')
    .option('--cluster <name>', 'only targets on this cluster')
    .addOption(new Option('--state <state>', 'only targets in this state').choices(RELEASE_STATES))
    .option('--json', 'print the response of the API')
    .addHelpText('after', examples)
    .action(async ({ json, ...filter }: { json?: boolean } & TargetQuery) => {
      const targets = await allTargets(apiClient(), filter);
      if (json) return printJson({ targets });
      if (targets.length === 0) return print(emptyText(filter));
      const now = Date.now();
      const names = countBy(targets, ({ id }) => shortTarget(id));
      const rows = targets.map((target) => row(target, names.get(shortTarget(target.id)) === 1, now));
      print(table(['TARGET', 'REPOSITORY', 'STATE', 'COMMIT', 'SINCE', ''], rows));
    });
}

function emptyText(filter: TargetQuery): string {
  if (Object.values(filter).some((value) => value !== undefined)) return 'No target matches.';
  return 'No targets yet. The first push to a repository creates them.';
}

function countBy<T>(all: T[], keyOf: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}

function row(
  { id, repository, state, desired, release }: TargetResponse,
  unique: boolean,
  now: number,
): string[] {
  const name = plain(unique ? shortTarget(id) : id);
  // What waits concerns another commit than the last release did.
  if (!release || state === 'queued') {
    const since = desired ? age(desired.at, now) : '';
    return [name, plain(repository), coloured('queued'), shortCommit(desired?.commit ?? ''), since, ''];
  }
  const since = age(release.endedAt ?? release.startedAt, now);
  return [
    name,
    plain(repository),
    coloured(release.state),
    shortCommit(release.commit),
    since,
    sayingOf(release),
  ];
}
