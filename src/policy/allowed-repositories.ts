import { type Matches, matches } from '../config/pattern.ts';
import type { OperatorRules, ProjectConfig } from '../config/server-config.ts';
import { SlipwayError } from '../errors.ts';
import { type RepositoryId, splitRepository } from '../model/target.ts';

// Only a repository of this form is matched; anything else matches no pattern, however wide.
const repositoryForm = /^[a-z0-9-]+(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+){2,}$/;

/** The project that a repository belongs to. Throws RULE_REFUSED if none or more than one matches. */
export function projectOf(
  config: Pick<OperatorRules, 'forges' | 'projects'>,
  repository: RepositoryId,
  fits: Matches = matches,
): ProjectConfig {
  const [project, other] = projectsThatFit(config, repository, fits);
  if (!project) {
    throw new SlipwayError('RULE_REFUSED', `no project of server.yaml allows repository ${repository}`, {
      hint: 'Ask the operator to name it in server.yaml, under projects.<name>.repositories.',
    });
  }
  if (other) {
    const names = `"${project.name}" and "${other.name}"`;
    throw new SlipwayError('RULE_REFUSED', `repository ${repository} matches two projects, ${names}`, {
      hint: 'Ask the operator to narrow the repositories of one of them in server.yaml.',
    });
  }
  return project;
}

/** Throws RULE_REFUSED if the other belongs to another project, without revealing whether it exists. */
export function refuseOutside(
  config: Pick<OperatorRules, 'forges' | 'projects'>,
  repository: RepositoryId,
  other: RepositoryId,
  fits: Matches,
): void {
  const project = projectOf(config, repository, fits);
  if (isSameProject(config, repository, other, fits)) return;
  throw new SlipwayError('RULE_REFUSED', `${other} is not a repository of project "${project.name}"`, {
    hint: `Ask the operator to name it in server.yaml, under projects.${project.name}.repositories.`,
  });
}

/** The same without an error: undefined if none or more than one matches. */
export function findProject(
  config: Pick<OperatorRules, 'forges' | 'projects'>,
  repository: RepositoryId,
  fits: Matches,
): ProjectConfig | undefined {
  const [project, other] = projectsThatFit(config, repository, fits);
  return other ? undefined : project;
}

export function isAllowed(
  config: Pick<OperatorRules, 'forges' | 'projects'>,
  repository: RepositoryId,
): boolean {
  return projectsThatFit(config, repository, matches).length === 1;
}

/** Whether both belong to one project; false if either matches none or several. */
export function isSameProject(
  config: Pick<OperatorRules, 'forges' | 'projects'>,
  one: RepositoryId,
  other: RepositoryId,
  fits: Matches = matches,
): boolean {
  const [first, second] = [one, other].map((repository) => projectsThatFit(config, repository, fits));
  return first?.length === 1 && second?.length === 1 && first[0] === second[0];
}

/** Why nothing of this repository is deployed, in one sentence; undefined if a project allows it. */
export function whyNotAllowed(
  config: Pick<OperatorRules, 'forges' | 'projects'>,
  repository: RepositoryId,
): string | undefined {
  try {
    projectOf(config, repository);
    return undefined;
  } catch (error) {
    if (error instanceof SlipwayError) return error.message;
    throw error;
  }
}

/**
 * Why a webhook that a secret of the project `signer` signed (undefined: a secret of the forge) says nothing of this
 * repository; undefined: it does. A project with secrets of its own is heard through these alone.
 */
export function whyNotHeard(
  config: Pick<OperatorRules, 'forges' | 'projects'>,
  repository: RepositoryId,
  signer: string | undefined,
): string | undefined {
  const [owner, other] = projectsThatFit(config, repository, matches);
  if (signer === undefined) {
    const hasOwn = owner && !other && owner.webhookSecrets.length > 0;
    return hasOwn ? `Only the webhook secrets of its project speak for ${repository}.` : undefined;
  }
  if (owner?.name === signer && !other) return undefined;
  return `The webhook secrets of project "${signer}" do not speak for ${repository}.`;
}

/** Repositories that projects name without a pattern: the poll knows them before the first webhook. */
export function literalRepositories(config: Pick<OperatorRules, 'forges' | 'projects'>): RepositoryId[] {
  const all = Object.values(config.projects).flatMap((project) => project.repositories);
  return [...new Set(all.filter((repository) => !repository.includes('*')))];
}

function projectsThatFit(
  config: Pick<OperatorRules, 'forges' | 'projects'>,
  repository: RepositoryId,
  fits: Matches,
): ProjectConfig[] {
  if (!repositoryForm.test(repository)) return [];
  if (!Object.hasOwn(config.forges, splitRepository(repository).forge)) return [];
  return Object.values(config.projects).filter((project) => fits(project.repositories, repository));
}
