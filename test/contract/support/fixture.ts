import { randomBytes } from 'node:crypto';
import { ForgeClient } from '../../../sandbox/forge/client.ts';
import type { Face } from '../../../sandbox/forge/protocol.ts';
import type { ForgeConfig } from '../../../src/config/server-config.ts';
import { createForges } from '../../../src/forges/registry.ts';
import type { Forge } from '../../../src/ports/forge.ts';
import { sandbox } from '../../support/sandbox.ts';

export const secret = 'the secret of the webhook';

/** One face of the sandbox's forge, and Slipway's forge for it under a name of its own. */
export interface Fixture {
  face: Face;
  client: ForgeClient;
  config: ForgeConfig;
  forge: Forge;
  /** A forge at the same address with other settings. */
  forgeWith(changes: Partial<ForgeConfig>): Forge;
  /** A new repository's path on the forge, with one commit on `main`. */
  repository(options?: { private?: boolean }): Promise<string>;
}

const apiPaths: Record<Face, string> = { github: '/api/v3', gitlab: '/api/v4' };

export function openFixture(face: Face): Fixture {
  const connection = sandbox().forge;
  const client = new ForgeClient(connection);
  const { url, token } = connection[face];
  const config: ForgeConfig = {
    name: `our-${face}`,
    type: face,
    url,
    apiUrl: `${url}${apiPaths[face]}`,
    webhookSecrets: [secret],
    auth: { kind: 'token', token },
    maxRequests: 64,
  };
  const forgeWith = (changes: Partial<ForgeConfig>) => {
    const forge = createForges(
      { it: { ...config, ...changes } },
      { log: { warn: () => {} }, addSecret: () => {} },
    ).get(config.name);
    if (!forge) throw new Error('no forge');
    return forge;
  };
  return {
    face,
    client,
    config,
    forge: forgeWith({}),
    forgeWith,
    async repository(options = {}) {
      const repository = `acme/loans-${randomBytes(4).toString('hex')}`;
      await client.createRepository(face, repository, { files: { 'README.md': '# loans\n' }, ...options });
      return repository;
    },
  };
}

/** Commits a file on a new branch and opens a pull request of it into `base`. */
export async function openPull(fixture: Fixture, repository: string, head: string, base = 'main') {
  await fixture.client.commit(fixture.face, repository, head, { files: { [`${head}.yaml`]: 'a: 1\n' } });
  return fixture.client.openPullRequest(fixture.face, repository, { title: head, head, base });
}
