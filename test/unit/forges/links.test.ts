import { expect, it } from 'vitest';
import { createLinks as githubLinks } from '../../../src/forges/github/links.ts';
import { createLinks as gitlabLinks } from '../../../src/forges/gitlab/links.ts';
import { forgeOf, githubConfig, gitlabConfig } from './support.ts';

const commit = 'c0ffee'.repeat(6);
const github = githubLinks('https://github.com');
const gitlab = gitlabLinks('https://gitlab.example.com');
const loans = 'github/acme/loans';
const nested = 'gitlab/acme/teams/loans';

it.each([
  [github.commit(loans, commit), `https://github.com/acme/loans/commit/${commit}`],
  [github.pull(loans, 7), 'https://github.com/acme/loans/pull/7'],
  [
    github.file(loans, commit, 'deploy/web.yaml', 12),
    `https://github.com/acme/loans/blob/${commit}/deploy/web.yaml#L12`,
  ],
  [
    github.file(loans, commit, 'deploy/web.yaml'),
    `https://github.com/acme/loans/blob/${commit}/deploy/web.yaml`,
  ],
  [gitlab.commit(nested, commit), `https://gitlab.example.com/acme/teams/loans/-/commit/${commit}`],
  [github.pullName(7), '#7'],
  [gitlab.pullName(7), '!7'],
  [gitlab.pull(nested, 7), 'https://gitlab.example.com/acme/teams/loans/-/merge_requests/7'],
  [
    gitlab.file(nested, commit, 'deploy/web.yaml', 12),
    `https://gitlab.example.com/acme/teams/loans/-/blob/${commit}/deploy/web.yaml#L12`,
  ],
])('links to %s', (address, expected) => {
  expect(address).toBe(expected);
});

it.each([
  ['github', github],
  ['gitlab', gitlab],
])('a file name of %s ends no part of the address, whatever is in it', (_name, links) => {
  const { pathname, hash, search } = new URL(links.file(loans, commit, 'a b/"><script>?x#y%2f.yaml', 3));

  expect(decodeURIComponent(pathname)).toContain('/a b/"><script>?x#y%2f.yaml');
  expect(search).toBe('');
  expect(hash).toBe('#L3');
});

it('a forge links to its address in server.yaml', () => {
  expect(forgeOf(githubConfig).links.commit(loans, commit)).toMatch(/^https:\/\/github\.com\//);
  const own = forgeOf({ ...gitlabConfig, url: 'https://git.example.com' });
  expect(own.links.commit(loans, commit)).toMatch(/^https:\/\/git\.example\.com\//);
});
