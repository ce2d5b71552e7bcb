import { createMatches } from '../config/pattern.ts';
import type { OperatorRules } from '../config/server-config.ts';
import type { Projects } from '../ports/projects.ts';
import { findProject } from './allowed-repositories.ts';

/** Answers from server.yaml which repository belongs to which project. */
export function createProjects(config: Pick<OperatorRules, 'forges' | 'projects'>): Projects {
  const fits = createMatches();
  const find = (repository: string) => findProject(config, repository, fits);
  const projectOf = (repository: string) => find(repository)?.name;
  return {
    projectOf,
    linksOf: (repository) => find(repository)?.links ?? 'off',
    scopeOf(names) {
      const projects = Object.values(config.projects).filter(({ name }) => names.includes(name));
      const patterns = projects.flatMap(({ repositories }) => repositories);
      return {
        beginnings: [...new Set(patterns.map(beginningOf))],
        includes(repository) {
          const name = projectOf(repository);
          return name !== undefined && names.includes(name);
        },
      };
    },
  };
}

/** What a pattern matches begins with it; a pattern without `*` matches one repository, whose targets follow `//`. */
function beginningOf(pattern: string): string {
  const star = pattern.indexOf('*');
  return star === -1 ? `${pattern}//` : pattern.slice(0, star);
}
