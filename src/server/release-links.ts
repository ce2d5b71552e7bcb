import type { PageLinks } from '../dashboard/release-page.ts';
import type { Release } from '../model/release.ts';
import { repositoryOf, splitRepository } from '../model/target.ts';
import { releaseUrl } from './links.ts';
import type { ServerPorts } from './ports.ts';

type Sources = Pick<ServerPorts, 'deliveries' | 'forges' | 'links' | 'queries'>;

/** The links of a release's page: to the forge, and to the target's previous release. */
export async function pageLinks(release: Release, ports: Sources): Promise<PageLinks> {
  const { deliveries, forges, links, queries } = ports;
  const { commit } = release;
  const repository = repositoryOf(release.target);
  const forge = forges.get(splitRepository(repository).forge)?.links;
  const [pulls, previous] = await Promise.all([
    deliveries.pullsOf(repository, commit),
    queries.previous(release),
  ]);
  return {
    commit: forge?.commit(repository, commit),
    pulls: pulls.map(({ number }) => ({
      name: forge?.pullName(number) ?? String(number),
      url: forge?.pull(repository, number),
    })),
    file: (path, line) => forge?.file(repository, commit, path, line),
    previous: previous && { ...previous, url: await releaseUrl(links, previous.id, repository) },
  };
}
