import type { ForgeConfig } from '../../config/server-config.ts';
import { splitRepository } from '../../model/target.ts';
import type { Forge } from '../../ports/forge.ts';
import type { ForgeContext } from '../context.ts';
import type { ForgeDefinition } from '../definition.ts';
import { gitAccess } from './access.ts';
import { createClient } from './client.ts';
import { githubType } from './config.ts';
import { createLinks } from './links.ts';
import { pullsOf, pullThatMade } from './pulls.ts';
import { createVerify } from './signature.ts';
import { postStatus, statusesOf } from './status.ts';
import { readWebhook } from './webhook.ts';

export const github: ForgeDefinition = { ...githubType, create };

/** github.com or a GitHub Enterprise Server. Throws CONFIG_INVALID for an invalid private key. */
function create(config: ForgeConfig, context: ForgeContext): Forge {
  const verify = createVerify(config.webhookSecrets, config.projectSecrets);
  const client = createClient(config, context);
  const path = (repository: string) => splitRepository(repository).path;
  return {
    name: config.name,
    links: createLinks(config.url),
    readWebhook: (request) => readWebhook(config.name, verify, request),
    postStatus: (repository, commit, status, signal) =>
      postStatus(client, path(repository), commit, status, signal),
    statusesOf: (repository, commit, signal) => statusesOf(client, path(repository), commit, signal),
    pullsOf: (repository, commit, base, signal) => pullsOf(client, path(repository), commit, base, signal),
    pullThatMade: (repository, commit, number, signal) =>
      pullThatMade(client, path(repository), commit, number, signal),
    gitAccess: (repository) => gitAccess(config, client.tokens, path(repository)),
  };
}
