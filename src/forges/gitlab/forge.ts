import type { ForgeConfig } from '../../config/server-config.ts';
import { splitRepository } from '../../model/target.ts';
import type { Forge } from '../../ports/forge.ts';
import type { ForgeDefinition } from '../definition.ts';
import { gitAccess } from './access.ts';
import { createClient } from './client.ts';
import { gitlabType } from './config.ts';
import { createLinks } from './links.ts';
import { pullsOf, pullThatMade } from './pulls.ts';
import { createVerify } from './signature.ts';
import { postStatus, statusesOf } from './status.ts';
import { readWebhook } from './webhook.ts';

export const gitlab: ForgeDefinition = { ...gitlabType, create };

/** gitlab.com or a self-managed GitLab. Throws CONFIG_INVALID for an invalid signing key. */
function create(config: ForgeConfig): Forge {
  const verify = createVerify(config.webhookSecrets, config.projectSecrets);
  const client = createClient(config);
  const path = (repository: string) => splitRepository(repository).path;
  return {
    name: config.name,
    links: createLinks(config.url),
    readWebhook: async (request) => readWebhook(config.name, verify, request, Date.now()),
    postStatus: (repository, commit, status, signal) =>
      postStatus(client, path(repository), commit, status, signal),
    statusesOf: (repository, commit, signal) => statusesOf(client, path(repository), commit, signal),
    pullsOf: (repository, commit, base, signal) => pullsOf(client, path(repository), commit, base, signal),
    pullThatMade: (repository, commit, number, signal) =>
      pullThatMade(client, path(repository), commit, number, signal),
    gitAccess: (repository) => gitAccess(config, path(repository)),
  };
}
