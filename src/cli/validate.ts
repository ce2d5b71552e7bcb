import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { trialRenderer } from '../composition/trial-renderer.ts';
import { explainSlipway } from '../config/explain.ts';
import { explainServer } from '../config/explain-server.ts';
import { folderTree } from '../config/folder-tree.ts';
import { guessRepository } from '../config/guess-repository.ts';
import { readServerConfig } from '../config/load-server.ts';
import { readSlipwayConfig } from '../config/parse-slipway.ts';
import type { ServerConfig } from '../config/server-config.ts';
import { SlipwayError } from '../errors.ts';
import { forgeTypes } from '../forges/registry.ts';
import { describeFailure } from '../model/describe-failure.ts';
import type { Target } from '../model/target.ts';
import { createAdmission } from '../policy/admission.ts';

const notes = `
Slipway takes the checkout for the head of every branch that an environment follows, and reads nothing outside of it.
Apps are rendered where slipway-engine is on the PATH, for no cluster in particular; slipway plan also shows what the API
server reports. A dependency cycle through other repositories is
found on the pushed commit, and nothing of that commit is deployed.

Exit code 1: at least one error. 0: no error, perhaps warnings.`;

interface ValidateOptions {
  server?: string;
  repository?: string;
}

interface Findings {
  lines: string[];
  errors: SlipwayError[];
}

/** `slipway validate [folder]`: checks both files without a server, and explains their effect. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('check slipway.yaml, and server.yaml with --server, and explain their effect')
    .argument('[folder]', 'checkout with a slipway.yaml', '.')
    .option('-s, --server <file>', 'the operator’s server.yaml; its rules are then checked too')
    .option('-r, --repository <id>', 'forge/owner/name of the checkout; default: found from its origin')
    .addHelpText('after', notes)
    .action(async (folder: string, options: ValidateOptions) => {
      const { lines, errors } = await validate(folder, options, process.env);
      if (lines.length > 0) console.log(lines.join('\n'));
      for (const line of errorLines(errors)) console.error(line);
      if (errors.length > 0) process.exitCode = 1;
    });
}

/** All errors of the two files, and an explanation of what is valid. */
export async function validate(
  folder: string,
  options: ValidateOptions,
  env: NodeJS.ProcessEnv,
): Promise<Findings> {
  const server = options.server === undefined ? undefined : await validateServer(options.server, env);
  const hasSlipway = await exists(join(folder, 'slipway.yaml'));
  if (server && !hasSlipway) return server;
  const slipway = await validateSlipway(folder, options.repository, server?.config, env);
  return {
    lines: [...(server?.lines ?? []), ...slipway.lines],
    errors: [...(server?.errors ?? []), ...slipway.errors],
  };
}

/** `file:line: message`, and the next step once if consecutive errors share it. */
function errorLines(errors: SlipwayError[]): string[] {
  return errors.flatMap((error, index) => {
    const isLast = errors[index + 1]?.hint !== error.hint;
    return [describeFailure(error.failure), ...(isLast ? [`  ${error.hint}`] : [])];
  });
}

async function validateServer(
  file: string,
  env: NodeJS.ProcessEnv,
): Promise<Findings & { config?: ServerConfig | undefined }> {
  const { config, errors, missing } = await readServerConfig(file, env, forgeTypes);
  if (!config) return { lines: [], errors };
  // The file is often checked on a machine without its secrets: a note, not an error.
  const notes = missing.map((error) => `  not here: ${describeFailure(error.failure)}`);
  return { config, lines: [...explainServer(config, file), ...notes], errors };
}

async function validateSlipway(
  folder: string,
  named: string | undefined,
  server: ServerConfig | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Findings> {
  const file = join(folder, 'slipway.yaml');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    const hint = 'Name the folder of a checkout: slipway validate <folder>.';
    return { lines: [], errors: [new SlipwayError('CONFIG_INVALID', `${file} cannot be read`, { hint })] };
  }
  const result = readSlipwayConfig(text, file);
  if ('errors' in result) return { lines: [], errors: result.errors };
  const repository = named ?? (server && (await guessRepository(folder, server)));
  const admission = server && repository ? createAdmission(server) : undefined;
  const tree = folderTree(folder);
  const trial = await trialRenderer(server, env);
  try {
    const look = async (target: Target) => (await trial.render(target, tree)).warnings ?? [];
    const explanation = await explainSlipway({ config: result.config, tree, repository, admission, look });
    const unasked = server && !repository ? ['  rules not asked: name the repository with --repository'] : [];
    return { lines: [...explanation.lines, ...unasked, ...trial.notes], errors: explanation.errors };
  } finally {
    await trial.close();
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
