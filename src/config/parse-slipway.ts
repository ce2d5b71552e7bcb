import type { SlipwayError } from '../errors.ts';
import { checkSlipway } from './check-slipway.ts';
import { readDependency } from './dependency-schema.ts';
import { byName, type Contained, containMistakes, holdMistaken } from './held-environments.ts';
import { configError, problemsOf } from './issues.ts';
import { type AppConfig, type SlipwayConfig, type SlipwayFile, slipwaySchema } from './slipway-schema.ts';
import { durationMs, shareOf } from './values.ts';
import { type KeyPath, readYaml, type YamlFile } from './yaml-file.ts';

/** As `readSlipwayConfig`, but throws the first mistake: CONFIG_INVALID with file and line. */
export function parseSlipwayConfig(text: string, file = 'slipway.yaml'): SlipwayConfig {
  const result = readSlipwayConfig(text, file);
  if ('errors' in result) throw result.errors[0];
  return result.config;
}

/**
 * A slipway.yaml, or every mistake in it in the order of its lines; at least one. A mistake inside the definition of one
 * environment holds only that environment, if another one is valid.
 */
export function readSlipwayConfig(
  text: string,
  file = 'slipway.yaml',
): { config: SlipwayConfig } | { errors: SlipwayError[] } {
  const yaml = readYaml(text);
  if ('problems' in yaml) return { errors: yaml.problems.map((problem) => configError(problem, file)) };
  const used = usablePart(yaml, file);
  const parsed = slipwaySchema.safeParse(used.value);
  if (!parsed.success) {
    return { errors: problemsOf(parsed.error.issues, yaml).map((problem) => configError(problem, file)) };
  }
  const config = holdMistaken(configOf(parsed.data, used.held, file, yaml.lineOf), yaml.lineOf);
  const problems = checkSlipway(config, yaml.lineOf);
  if (problems.length > 0) return { errors: problems.map((problem) => configError(problem, file)) };
  return { config };
}

/** The whole file, unless every mistake of its form is inside the definition of an environment. */
function usablePart(yaml: YamlFile, file: string): Contained {
  const whole = { value: yaml.value, held: [] };
  const { error } = slipwaySchema.safeParse(yaml.value);
  return (error && containMistakes(error.issues, yaml, file)) ?? whole;
}

function configOf(
  written: SlipwayFile,
  held: Contained['held'],
  file: string,
  lineOf: (path: KeyPath) => number | undefined,
): SlipwayConfig {
  const environments = Object.entries(written.environments).map(([name, environment]) => ({
    name,
    ...environment,
    line: lineOf(['environments', name]),
  }));
  const apps: SlipwayConfig['apps'] = Object.create(null);
  for (const [name, app] of Object.entries(written.apps)) {
    apps[name] = appOf(name, app, (...path) => lineOf(['apps', name, ...path]));
  }
  const health = Object.entries(written.health).map(([kind, rule]) => ({ kind, ...rule }));
  return { file, environments: byName(environments), held: byName(held), apps, health };
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
