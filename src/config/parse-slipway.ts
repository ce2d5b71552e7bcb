import type { SlipwayError } from '../errors.ts';
import { checkSlipway } from './check-slipway.ts';
import { readDependency } from './dependency-schema.ts';
import { configError, problemsOf } from './issues.ts';
import { type AppConfig, type SlipwayConfig, type SlipwayFile, slipwaySchema } from './slipway-schema.ts';
import { durationMs, shareOf } from './values.ts';
import { type KeyPath, readYaml } from './yaml-file.ts';

/** As `readSlipwayConfig`, but throws the first mistake: CONFIG_INVALID with file and line. */
export function parseSlipwayConfig(text: string, file = 'slipway.yaml'): SlipwayConfig {
  const result = readSlipwayConfig(text, file);
  if ('errors' in result) throw result.errors[0];
  return result.config;
}

/** A slipway.yaml, or every mistake in it in the order of its lines; at least one. */
export function readSlipwayConfig(
  text: string,
  file = 'slipway.yaml',
): { config: SlipwayConfig } | { errors: SlipwayError[] } {
  const yaml = readYaml(text);
  if ('problems' in yaml) return { errors: yaml.problems.map((problem) => configError(problem, file)) };
  const parsed = slipwaySchema.safeParse(yaml.value);
  if (!parsed.success) {
    return { errors: problemsOf(parsed.error.issues, yaml).map((problem) => configError(problem, file)) };
  }
  const config = configOf(parsed.data, file, yaml.lineOf);
  const problems = checkSlipway(config, yaml.lineOf);
  if (problems.length > 0) return { errors: problems.map((problem) => configError(problem, file)) };
  return { config };
}

function configOf(
  written: SlipwayFile,
  file: string,
  lineOf: (path: KeyPath) => number | undefined,
): SlipwayConfig {
  const environments: SlipwayConfig['environments'] = Object.create(null);
  for (const [name, environment] of Object.entries(written.environments)) {
    environments[name] = { name, ...environment, line: lineOf(['environments', name]) };
  }
  const apps: SlipwayConfig['apps'] = Object.create(null);
  for (const [name, app] of Object.entries(written.apps)) {
    apps[name] = appOf(name, app, (...path) => lineOf(['apps', name, ...path]));
  }
  const health = Object.entries(written.health).map(([kind, rule]) => ({ kind, ...rule }));
  return { file, environments, apps, health };
}

function appOf(
  name: string,
  { timeout, failFast, prune, dependsOn, ...app }: SlipwayFile['apps'][string],
  lineOf: (...path: KeyPath) => number | undefined,
): AppConfig {
  const times = { timeoutMs: durationMs(timeout), failFastMs: durationMs(failFast) };
  const dependencies = dependsOn.map((text, i) => readDependency(text, lineOf('dependsOn', i)));
  return {
    name,
    ...app,
    ...times,
    dependsOn: dependencies,
    prune: { ...prune, maxShare: shareOf(prune.maxShare) },
    line: lineOf(),
  };
}
