import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Face } from '../../sandbox/forge/protocol.ts';
import type { Forge } from '../../src/ports/forge.ts';
import { type Fixture, openFixture } from './support/fixture.ts';

const run = promisify(execFile);

/** The head of `main` as git reads it with the credentials from the forge. */
export async function headByGit(forge: Forge, id: string): Promise<string> {
  const access = await forge.gitAccess(id);
  const credentials: Record<string, string> =
    access.kind === 'header'
      ? { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: access.header }
      : {};
  const env = {
    PATH: process.env.PATH,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...credentials,
  };
  const { stdout } = await run('git', ['ls-remote', access.url, 'refs/heads/main'], { env });
  return stdout.split('\t')[0] ?? '';
}

/** Proves that git can read with the credentials from the forge. */
export function gitAccessContract(face: Face): void {
  describe(`git access to ${face}`, () => {
    let fixture: Fixture;
    let path: string;

    beforeEach(async () => {
      fixture = openFixture(face);
      path = await fixture.repository({ private: true });
    });

    afterEach(() => fixture.client.close());

    test('reads a private repository with the token', async () => {
      const head = await fixture.client.head(face, path, 'main');

      expect(await headByGit(fixture.forge, `our-${face}/${path}`)).toBe(head);
    });

    test('does not read it without credentials', async () => {
      const anonymous = fixture.forgeWith({ auth: { kind: 'none' } });

      await expect(headByGit(anonymous, `our-${face}/${path}`)).rejects.toThrow();
    });

    test('puts no credentials into the address', async () => {
      const access = await fixture.forge.gitAccess(`our-${face}/${path}`);

      expect(access.url).toBe(`${fixture.config.url}/${path}.git`);
    });
  });
}
