import { matches } from './pattern.ts';
import type { ServerFile } from './server-schema.ts';
import { suggest } from './values.ts';
import type { KeyPath } from './yaml-file.ts';

interface Finding {
  path: KeyPath;
  message: string;
  hint?: string;
}

/** Checks that a schema cannot express: references between names, and repositories of two projects. */
export function checkServer(server: ServerFile): Finding[] {
  return [
    ...Object.entries(server.projects).flatMap(([name, project]) => [
      ...clusterFindings(name, project, server),
      ...forgeFindings(name, project, server),
    ]),
    ...overlapFindings(server),
    ...tokenFindings(server),
    ...loginFindings(server),
  ];
}

type ProjectFile = ServerFile['projects'][string];

function clusterFindings(name: string, project: ProjectFile, server: ServerFile): Finding[] {
  return Object.keys(project.clusters).flatMap((cluster) => {
    if (Object.hasOwn(server.clusters, cluster)) return [];
    const message = `unknown cluster "${cluster}"${suggest(cluster, Object.keys(server.clusters))}`;
    return [{ path: ['projects', name, 'clusters', cluster], message }];
  });
}

function forgeFindings(name: string, project: ProjectFile, server: ServerFile): Finding[] {
  return project.repositories.flatMap((repository, index) => {
    const forge = repository.slice(0, repository.indexOf('/'));
    if (Object.hasOwn(server.forges, forge)) return [];
    const message = `unknown forge "${forge}"${suggest(forge, Object.keys(server.forges))}`;
    return [{ path: ['projects', name, 'repositories', index], message }];
  });
}

function tokenFindings({ api, projects }: ServerFile): Finding[] {
  return api.tokens.flatMap(({ name, projects: names }, index) => {
    const path = ['api', 'tokens', index];
    const isTwice = api.tokens.findIndex((other) => other.name === name) !== index;
    const twice = isTwice ? [{ path: [...path, 'name'], message: `two tokens are called "${name}"` }] : [];
    const unknown = names.flatMap((project, at) => {
      if (project === '*' || Object.hasOwn(projects, project)) return [];
      const message = `unknown project "${project}"${suggest(project, Object.keys(projects))}`;
      return [{ path: [...path, 'projects', at], message }];
    });
    return [...twice, ...unknown];
  });
}

function loginFindings({ api, projects }: ServerFile): Finding[] {
  if (api.tokens.length > 0) return [];
  return Object.entries(projects).flatMap(([name, { links }]) => {
    const message = `projects.${name}.links is login, and api.tokens has no token to log in with`;
    return links === 'login' ? [{ path: ['projects', name, 'links'], message }] : [];
  });
}

/** Patterns may also overlap for repositories that the file does not name; these are refused when they come. */
function overlapFindings(server: ServerFile): Finding[] {
  const projects = Object.entries(server.projects);
  return projects.flatMap(([name, project]) =>
    project.repositories.flatMap((repository, index) => {
      if (repository.includes('*')) return [];
      const other = projects.find(([key, entry]) => key !== name && matches(entry.repositories, repository));
      if (!other) return [];
      const message = `repository ${repository} matches two projects, "${name}" and "${other[0]}"`;
      const hint = 'Name it in one project only, or narrow the pattern of the other.';
      return [{ path: ['projects', name, 'repositories', index], message, hint }];
    }),
  );
}
