import { describe, expect, it } from 'vitest';
import { gitEnvironment } from '../../../src/git/git-environment.ts';

const options = { base: {}, knownHostsFile: '/data/known_hosts', allowFile: false };

function settingsOf(env: Record<string, string>): Record<string, string> {
  const count = Number(env.GIT_CONFIG_COUNT);
  const pairs = Array.from({ length: count }, (_, index) => [
    env[`GIT_CONFIG_KEY_${index}`],
    env[`GIT_CONFIG_VALUE_${index}`],
  ]);
  return Object.fromEntries(pairs);
}

describe('the environment of git', () => {
  it('has no configuration of user or machine, no prompt and no other protocols', () => {
    expect(gitEnvironment(options)).toMatchObject({
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOW_PROTOCOL: 'http:https:ssh',
    });
  });

  it('inherits proxies and certificates and nothing else', () => {
    const base = {
      HTTPS_PROXY: 'http://proxy',
      SSL_CERT_FILE: '/ca.pem',
      REDIS_URL: 'redis://:x@y',
      GIT_DIR: '/x',
    };

    const env = gitEnvironment({ ...options, base });

    expect(env).toMatchObject({ HTTPS_PROXY: 'http://proxy', SSL_CERT_FILE: '/ca.pem' });
    expect(env).not.toHaveProperty('REDIS_URL');
    expect(env).not.toHaveProperty('GIT_DIR');
  });

  it('sends a header, checks what it fetches and follows no redirect', () => {
    const env = gitEnvironment(options, {
      url: 'https://x',
      kind: 'header',
      header: 'Authorization: Basic eA==',
    });

    expect(settingsOf(env)).toMatchObject({
      'http.extraHeader': 'Authorization: Basic eA==',
      'http.followRedirects': 'false',
      'fetch.fsckObjects': 'true',
    });
  });

  it('uses an SSH key and only known hosts', () => {
    const access = {
      url: 'ssh://x',
      kind: 'ssh' as const,
      keyFile: "/keys/it's mine",
      knownHostsFile: '/hosts',
    };

    const { GIT_SSH_COMMAND: command } = gitEnvironment(options, access);

    expect(command).toContain(`'-i' '/keys/it'\\''s mine'`);
    expect(command).toContain("'StrictHostKeyChecking=yes'");
    expect(command).toContain("'UserKnownHostsFile=/hosts'");
    expect(command).toContain("'BatchMode=yes'");
  });

  it('records host keys in its own file if none is configured', () => {
    const { GIT_SSH_COMMAND: command } = gitEnvironment(options, {
      url: 'ssh://x',
      kind: 'ssh',
      keyFile: '/k',
    });

    expect(command).toContain("'StrictHostKeyChecking=accept-new'");
    expect(command).toContain("'UserKnownHostsFile=/data/known_hosts'");
  });
});
