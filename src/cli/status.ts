import { Command } from 'commander';
import { shortCommit } from '../model/commit.ts';
import { apiClient } from './api-client.ts';
import { type TargetResponse, targetsSchema } from './api-schema.ts';
import { age, coloured, sayingOf, shortTarget } from './describe.ts';
import { environmentHelp, print, printJson } from './output.ts';
import { plain, table } from './table.ts';

const examples = `
Examples:
  slipway status
  slipway status --json | jq '.targets[] | select(.release.state == "failed") | .id'
${environmentHelp}`;

/** `slipway status`: every target, what it runs and the outcome of its last release. */
export function statusCommand(): Command {
  return new Command('status')
    .description('show every target: what it runs, and the outcome of its last release')
    .option('--json', 'print the response of the API')
    .addHelpText('after', examples)
    .action(async ({ json }: { json?: boolean }) => {
      const response = await apiClient().get('/api/targets', targetsSchema);
      if (json) return printJson(response);
      if (response.targets.length === 0)
        return print('No targets yet. The first push to a repository creates them.');
      const now = Date.now();
      const rows = response.targets.map((target) =>
        row(target, isShortUnique(target, response.targets), now),
      );
      print(table(['TARGET', 'REPOSITORY', 'STATE', 'COMMIT', 'SINCE', ''], rows));
    });
}

function isShortUnique({ id }: TargetResponse, all: TargetResponse[]): boolean {
  return all.filter((other) => shortTarget(other.id) === shortTarget(id)).length === 1;
}

function row({ id, repository, desired, release }: TargetResponse, unique: boolean, now: number): string[] {
  const name = plain(unique ? shortTarget(id) : id);
  if (!release) {
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
