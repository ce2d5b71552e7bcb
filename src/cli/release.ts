import { styleText } from 'node:util';
import { Command } from 'commander';
import type { z } from 'zod';
import { hintOf } from '../model/describe-outcome.ts';
import { apiClient } from './api-client.ts';
import { releaseWithChangesSchema } from './api-schema.ts';
import { changeLines, warningLines } from './change-lines.ts';
import { coloured, sayingOf, took } from './describe.ts';
import { environmentHelp, print, printJson } from './output.ts';
import { plain } from './table.ts';

type ReleaseWithChanges = z.infer<typeof releaseWithChangesSchema>;

const examples = `
Examples:
  slipway release 1a2b3c4d-7
  slipway release 1a2b3c4d-7 --json | jq '.changeSet.changes[] | select(.action == "failed")'
${environmentHelp}`;

/** `slipway release <id>`: one release, with every object and field that it changed. */
export function releaseCommand(): Command {
  return new Command('release')
    .description('show one release, with every object and field that it changed')
    .argument('<id...>', 'as slipway history and the links on commits name it; `show <id>` is the same')
    .option('--yaml', 'show the fields as a YAML diff')
    .option('--json', 'print the response of the API')
    .addHelpText('after', examples)
    .action(
      async (
        words: string[],
        { json, yaml = false }: { json?: boolean; yaml?: boolean },
        command: Command,
      ) => {
        const [id = '', ...more] = words[0] === 'show' ? words.slice(1) : words;
        if (id === '' || more.length > 0) command.error('error: name one release: slipway release <id>');
        const path = `/api/releases/${encodeURIComponent(id)}`;
        const release = await apiClient().get(path, releaseWithChangesSchema);
        if (json) return printJson(release);
        const { changes, warnings } = release.changeSet;
        const lines = [...headLines(release), ...warningLines(warnings), '', ...changeLines(changes, yaml)];
        print(lines.join('\n').trimEnd());
      },
    );
}

function headLines(release: ReleaseWithChanges): string[] {
  const { target, number, state, commit, cause, times, startedAt, endedAt, url } = release;
  const stages = Object.entries(times).map(([stage, ms]) => `${stage} ${took(ms)}`);
  const facts: [string, string | undefined][] = [
    ['commit', commit],
    ['by', plain(cause.by === undefined ? cause.kind : `${cause.by} (${cause.kind})`)],
    ['started', new Date(startedAt).toISOString()],
    ['took', endedAt === undefined ? undefined : took(endedAt - startedAt)],
    ['stages', stages.length > 0 ? stages.join(', ') : undefined],
    ['page', url],
    ['says', sayingOf(release) || undefined],
    ['next', plain(hintOf(release) ?? '') || undefined],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${styleText('dim', name.padEnd(8))} ${value}`],
  );
  return [`${coloured(state)}  ${styleText('bold', plain(target))} #${number}`, ...lines];
}
