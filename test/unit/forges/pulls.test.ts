import { afterEach, expect, test } from 'vitest';
import { type Scripted, type ScriptedServer, startScripted } from './scripted-server.ts';
import { forgeOf, githubConfig, gitlabConfig } from './support.ts';

const sha = 'a'.repeat(40);
const head = 'b'.repeat(40);

let server: ScriptedServer;

afterEach(() => server.stop());

function pull(number: number, base = 'main', merged_at: string | null = '2026-11-23T00:00:00Z') {
  return { number, merged_at, head: { sha: head }, base: { ref: base } };
}

function merge(iid: number, target_branch = 'main', state = 'merged') {
  return { iid, state, target_branch, sha: head };
}

async function pullsOf(face: 'github' | 'gitlab', responses: (origin: string) => Scripted[]) {
  const script: Scripted[] = [];
  server = await startScripted(script);
  script.push(...responses(server.url));
  const config = face === 'github' ? githubConfig : gitlabConfig;
  const forge = forgeOf({ ...config, url: server.url, apiUrl: `${server.url}/api` });
  return forge.pullsOf(`${face}/acme/loans`, sha, 'main');
}

test('GitHub: only merged ones into the branch count', async () => {
  const body = [pull(1), pull(2, 'staging'), pull(3, 'main', null)];

  expect(await pullsOf('github', () => [{ status: 200, body }])).toEqual([{ number: 1, head }]);
});

test('GitHub: every page is read', async () => {
  const first = Array.from({ length: 100 }, (_, index) => pull(index + 1));
  const found = await pullsOf('github', () => [
    { status: 200, body: first },
    { status: 200, body: [pull(101)] },
  ]);

  expect(found).toHaveLength(101);
  expect(server.seen.map(({ path }) => path.split('?')[1])).toEqual([
    'per_page=100&page=1',
    'per_page=100&page=2',
  ]);
});

test('GitLab: only merged ones into the branch count', async () => {
  const body = [merge(1), merge(2, 'staging'), merge(3, 'main', 'opened')];

  expect(await pullsOf('gitlab', () => [{ status: 200, body }])).toEqual([{ number: 1, head }]);
});

test('GitLab: every page is read', async () => {
  const path = '/api/projects/acme%2Floans/repository/commits';
  const found = await pullsOf('gitlab', (origin) => [
    {
      status: 200,
      body: [merge(1)],
      headers: { link: `<${origin}${path}?per_page=100&page=2>; rel="next"` },
    },
    { status: 200, body: [merge(2)] },
  ]);

  expect(found.map(({ number }) => number)).toEqual([1, 2]);
  expect(server.seen.map(({ path: seen }) => seen.split('?')[1])).toEqual([
    'per_page=100',
    'per_page=100&page=2',
  ]);
});
