import { readFile } from 'node:fs/promises';
import { SlipwayError } from '../errors.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkServer } from './check-server.ts';
import type { ForgeTypes } from './forge-type.ts';
import { configError, dotted, problemsOf } from './issues.ts';
import { needsSecret, type ProcessName } from './needed-secrets.ts';
import { resolveServer } from './resolve-server.ts';
import { createSecretReader } from './secret-reader.ts';
import type { ServerConfig } from './server-config.ts';
import { serverSchemaOf } from './server-schema.ts';
import { type Problem, readYaml } from './yaml-file.ts';

/** The content of server.yaml, as far as it is valid, and every mistake in it. */
export interface ServerFileResult {
  /** Undefined if the file itself has an error. A missing secret is an empty text. */
  config?: ServerConfig | undefined;
  errors: SlipwayError[];
  /** Secrets that are not on this machine: an error if Slipway runs, a note if the file is only validated. */
  missing: SlipwayError[];
}

/**
 * Reads server.yaml and the secrets that this process needs; throws the first mistake as CONFIG_INVALID with file and
 * line.
 */
export async function loadServerConfig(
  file: string,
  env: NodeJS.ProcessEnv,
  forgeTypes: ForgeTypes,
  process: ProcessName = 'run',
): Promise<ServerConfig> {
  const { config, errors, missing } = await readServerConfig(file, env, forgeTypes, process);
  const [first] = [...errors, ...missing];
  if (first) throw first;
  if (!config) throw new SlipwayError('CONFIG_INVALID', 'the file has no configuration', { place: { file } });
  return config;
}

/** Reads server.yaml and the secrets that this process needs; returns every mistake. */
export async function readServerConfig(
  file: string,
  env: NodeJS.ProcessEnv,
  forgeTypes: ForgeTypes,
  process: ProcessName = 'run',
): Promise<ServerFileResult> {
  const text = await readText(file);
  if (text instanceof SlipwayError) return { errors: [text], missing: [] };
  const yaml = readYaml(text);
  if ('problems' in yaml) {
    return { errors: yaml.problems.map((problem) => serverError(problem, file)), missing: [] };
  }
  const parsed = serverSchemaOf(forgeTypes).safeParse(yaml.value);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error.issues, yaml);
    return { errors: problems.map((problem) => serverError(problem, file)), missing: [] };
  }
  const findings = checkServer(parsed.data);
  if (findings.length > 0) {
    const problems = findings.map(({ path, ...rest }) => ({ line: yaml.lineOf(path), ...rest }));
    return { errors: problems.map((problem) => serverError(problem, file)), missing: [] };
  }
  const secrets = createSecretReader(file, env, (path) => needsSecret(process, path));
  const config = await resolveServer(parsed.data, secrets, env, forgeTypes);
  const missing = secrets.missing.map(({ path, message, hint }) =>
    serverError({ line: yaml.lineOf(path), message: `${dotted(path)}: ${message}`, hint }, file),
  );
  const errors = checkSecrets(config).map(({ path, message, hint }) =>
    serverError({ line: yaml.lineOf(path), message: `${dotted(path)}: ${message}`, hint }, file),
  );
  return { config: errors.length > 0 ? undefined : config, errors, missing };
}

/** The default hint of CONFIG_INVALID says to push again, but server.yaml is not pushed. */
function serverError(problem: Problem, file: string): SlipwayError {
  return configError({ hint: 'Correct server.yaml at this line and start Slipway again.', ...problem }, file);
}

async function readText(file: string): Promise<string | SlipwayError> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return new SlipwayError('CONFIG_INVALID', `${file} cannot be read${code}`, {
      place: { file },
      hint: 'Name the file with --config or SLIPWAY_CONFIG.',
      cause: error,
    });
  }
}
