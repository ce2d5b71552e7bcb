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
