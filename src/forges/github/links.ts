import type { ForgeLinks } from '../../ports/forge.ts';
import { pathOf, pathSegments } from '../links.ts';

/** `url`: `https://github.com` or that of a GitHub Enterprise Server. */
export function createLinks(url: string): ForgeLinks {
  const base = (repository: string) => `${url}/${pathOf(repository)}`;
  return {
    commit: (repository, commit) => `${base(repository)}/commit/${encodeURIComponent(commit)}`,
    pull: (repository, number) => `${base(repository)}/pull/${number}`,
    pullName: (number) => `#${number}`,
    file(repository, commit, path, line) {
      const anchor = line === undefined ? '' : `#L${line}`;
      return `${base(repository)}/blob/${encodeURIComponent(commit)}/${pathSegments(path)}${anchor}`;
    },
  };
}
