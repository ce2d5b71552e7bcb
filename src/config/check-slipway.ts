import { healthFindings } from './check-health.ts';
import { cycleInFile } from './dependency-cycle.ts';
import type { Dependency } from './dependency-schema.ts';
import { pathFrom, repositoryPath } from './paths.ts';
import { fill, placeholderMistake } from './placeholders.ts';
import type { AppConfig, EnvironmentConfig, SlipwayConfig } from './slipway-schema.ts';
import { isLabel, labelRule, maxProblems, suggest } from './values.ts';
import type { KeyPath, Problem } from './yaml-file.ts';

interface Finding {
  path: KeyPath;
  message: string;
  hint?: string;
}

// With the shortest names that exist: a mistake that remains with these remains with all others.
const sample = { app: 'a', environment: 'e' };

/** The mistakes of an environment's namespace. */
export function namespaceProblems(
  { name, namespace }: EnvironmentConfig,
  lineOf: (path: KeyPath) => number | undefined,
): Problem[] {
  return problemsIn(namespaceFindings(['environments', name, 'namespace'], namespace), lineOf);
}

function problemsIn(findings: Finding[], lineOf: (path: KeyPath) => number | undefined): Problem[] {
  return findings
    .map(({ path, message, hint }) => ({ line: lineOf(path), message, hint }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Checks that a schema cannot express: placeholders, paths, dependencies and expressions. In the order of the lines. */
export function checkSlipway(
  config: SlipwayConfig,
  lineOf: (path: KeyPath) => number | undefined,
): Problem[] {
  const crowd = crowdFindings(config);
  if (crowd.length > 0) return crowd;
  const findings = Object.values(config.environments).flatMap((environment) =>
    namespaceFindings(['environments', environment.name, 'namespace'], environment.namespace),
  );
  for (const app of Object.values(config.apps)) {
    if (findings.length < maxProblems) findings.push(...appFindings(app, config));
  }
  if (findings.length === 0) findings.push(...cycleFindings(config));
  if (findings.length < maxProblems) findings.push(...healthFindings(config.health));
  return problemsIn(findings, lineOf);
}

// Each app is resolved in each environment: without these bounds a small file would cause a lot of work.
const maxApps = 2000;
const maxEnvironments = 100;

function crowdFindings({ apps, environments, held }: SlipwayConfig): Problem[] {
  const tooMany = (what: string, record: object, most: number) =>
    Object.keys(record).length > most ? [{ message: `the file has more than ${most} ${what}` }] : [];
  return [
    ...tooMany('apps', apps, maxApps),
    ...tooMany('environments', { ...environments, ...held }, maxEnvironments),
  ];
}

function namespaceFindings(path: KeyPath, namespace: string | undefined): Finding[] {
  if (namespace === undefined) return [];
  const mistake = placeholderMistake(namespace);
  if (mistake) return [{ path, message: `namespace: ${mistake}` }];
  if (isLabel(fill(namespace, sample))) return [];
  return [{ path, message: `"${namespace}" is not a valid namespace: ${labelRule}` }];
}

function appFindings(app: AppConfig, config: SlipwayConfig): Finding[] {
  const at = (...path: PropertyKey[]) => ['apps', app.name, ...path];
  return [
    ...pathFindings(at('path'), app),
    ...namespaceFindings(at('namespace'), app.namespace),
    ...releaseNameFindings(at('helm', 'releaseName'), app.helm.releaseName),
    ...app.helm.values.flatMap((file, index) => valuesFindings(at('helm', 'values', index), app, file)),
    ...app.dependsOn.flatMap((dependency, index) =>
      dependencyFindings(at('dependsOn', index), app.name, dependency, config),
    ),
  ];
}

function pathFindings(path: KeyPath, app: AppConfig): Finding[] {
  const mistake = placeholderMistake(app.path);
  if (mistake) return [{ path, message: `path: ${mistake}` }];
  if (repositoryPath(fill(app.path, sample)) === undefined) {
    return [
      {
        path,
        message: `path "${app.path}" leaves the repository`,
        hint: 'Write a path from the root of the repository, without ".." and leading "/".',
      },
    ];
  }
  if (app.name === '*' && app.path.split('{app}').length !== 2) {
    return [
      {
        path,
        message: 'the path of "*" needs {app} exactly once: it is replaced by the name of each app',
      },
    ];
  }
  return [];
}

function releaseNameFindings(path: KeyPath, name: string | undefined): Finding[] {
  if (name === undefined) return [];
  const mistake = placeholderMistake(name);
  if (mistake) return [{ path, message: `releaseName: ${mistake}` }];
  if (isLabel(fill(name, sample))) return [];
  return [{ path, message: `"${name}" is not a valid release name: ${labelRule}` }];
}

function valuesFindings(path: KeyPath, app: AppConfig, file: string): Finding[] {
  const mistake = placeholderMistake(file);
  if (mistake) return [{ path, message: `values: ${mistake}` }];
  if (pathFrom(fill(app.path, sample), fill(file, sample)) !== undefined) return [];
  return [
    {
      path,
      message: `values file "${file}" leaves the repository`,
      hint: 'Write a path from the folder of the app to a file of the repository.',
    },
  ];
}

function dependencyFindings(
  path: KeyPath,
  app: string,
  { app: name, repository }: Dependency,
  config: SlipwayConfig,
): Finding[] {
  // Only the intake knows the apps of other repositories.
  if (repository !== undefined) return [];
  if (name === app) return [{ path, message: `app "${app}" depends on itself` }];
  // With a pattern, the name may be that of a folder, which only the tree shows.
  if (config.apps[name] || config.apps['*']) return [];
  return [{ path, message: `unknown app "${name}"${suggest(name, Object.keys(config.apps))}` }];
}

function cycleFindings(config: SlipwayConfig): Finding[] {
  const cycle = cycleInFile(config.apps);
  const first = cycle?.[0];
  if (!cycle || first === undefined) return [];
  return [
    {
      path: ['apps', first, 'dependsOn'],
      message: `apps depend on one another in a cycle: ${[...cycle, first].join(' → ')}`,
      hint: 'Remove one of these dependencies.',
    },
  ];
}
