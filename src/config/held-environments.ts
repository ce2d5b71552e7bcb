import type { z } from 'zod';
import { isObject, objectOf } from '../model/json.ts';
import type { JsonValue } from '../model/object.ts';
import { namespaceProblems } from './check-slipway.ts';
import { configError, problemsOf } from './issues.ts';
import {
  branchSchema,
  type EnvironmentConfig,
  type HeldEnvironment,
  type SlipwayConfig,
} from './slipway-schema.ts';
import { maxProblems } from './values.ts';
import type { KeyPath, Problem, YamlFile } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;

/** The part of a file that can be used, and the environments that were left out of it. */
export interface Contained {
  value: unknown;
  held: HeldEnvironment[];
}

/**
 * Leaves out environments with a mistake inside their own definition. Undefined if a mistake concerns more: other keys, the
 * name of an environment (it may be the new name of one whose targets run), or every environment, or so many that nobody can
 * report them.
 */
export function containMistakes(
  issues: readonly Issue[],
  yaml: YamlFile,
  file: string,
): Contained | undefined {
  if (!isObject(yaml.value) || !issues.every(isInside)) return undefined;
  const environments = objectOf(yaml.value.environments);
  const mistakes = Map.groupBy(issues, ({ path }) => String(path[1]));
  const valid = Object.entries(environments).filter(([name]) => !mistakes.has(name));
  if (valid.length === 0 || mistakes.size > maxProblems) return undefined;
  const held = [...mistakes].map(([name, own]) =>
    heldEnvironment(name, writtenBranch(environments[name]), problemsOf(own, yaml), file),
  );
  return { value: { ...yaml.value, environments: Object.fromEntries(valid) }, held };
}

function isInside({ code, path }: Issue): boolean {
  return path[0] === 'environments' && path.length >= 2 && code !== 'invalid_key';
}

function writtenBranch(environment: JsonValue | undefined): string | undefined {
  const parsed = branchSchema.safeParse(objectOf(environment).branch);
  return parsed.success ? parsed.data : undefined;
}

/** Leaves out environments with a mistake that a schema cannot express, unless no valid one is left. */
export function holdMistaken(
  config: SlipwayConfig,
  lineOf: (path: KeyPath) => number | undefined,
): SlipwayConfig {
  const held: HeldEnvironment[] = [];
  const valid: EnvironmentConfig[] = [];
  for (const environment of Object.values(config.environments)) {
    const problems = namespaceProblems(environment, lineOf);
    if (problems.length === 0) valid.push(environment);
    else held.push(heldEnvironment(environment.name, environment.branch, problems, config.file));
  }
  if (held.length === 0 || valid.length === 0) return config;
  return { ...config, environments: byName(valid), held: byName([...Object.values(config.held), ...held]) };
}

function heldEnvironment(
  name: string,
  branch: string | undefined,
  problems: Problem[],
  file: string,
): HeldEnvironment {
  return { name, branch, failures: problems.map((problem) => configError(problem, file).failure) };
}

/** A record without a prototype: a name such as `constructor` finds nothing. */
export function byName<T extends { name: string }>(all: T[]): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (const one of all) record[one.name] = one;
  return record;
}
