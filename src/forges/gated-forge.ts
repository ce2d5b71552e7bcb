import type { Forge } from '../ports/forge.ts';
import type { Gate } from '../ports/gate.ts';

/**
 * The forge, with every call to its API through the gate. Git's access is computed within a call of Git, which is in the
 * gate already: standing in line twice could block everybody.
 */
export function gatedForge(forge: Forge, gate: Gate): Forge {
  return {
    name: forge.name,
    links: forge.links,
    readWebhook: (request) => forge.readWebhook(request),
    postStatus: (repository, commit, status, signal) =>
      gate.pass('api', repository, () => forge.postStatus(repository, commit, status, signal), signal),
    statusesOf: (repository, commit, signal) =>
      gate.pass('api', repository, () => forge.statusesOf(repository, commit, signal), signal),
    pullsOf: (repository, commit, base, signal) =>
      gate.pass('api', repository, () => forge.pullsOf(repository, commit, base, signal), signal),
    pullThatMade: (repository, commit, number, signal) =>
      gate.pass('api', repository, () => forge.pullThatMade(repository, commit, number, signal), signal),
    gitAccess: (repository) => forge.gitAccess(repository),
  };
}
