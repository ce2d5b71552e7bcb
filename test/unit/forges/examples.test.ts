import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { forgeOf, githubConfig, githubRequest } from './support.ts';

// Read as a file: the package declares its types as those of a module with a default export, which it has not.
const file = createRequire(import.meta.url).resolve('@octokit/webhooks-examples');
const examples = z
  .array(z.object({ name: z.string(), examples: z.array(z.looseObject({})) }))
  .parse(JSON.parse(readFileSync(file, 'utf8')));
const github = forgeOf(githubConfig);

/** What comes of the examples of each event that Slipway reads; all others are ignored. */
const expected: Record<string, Record<string, number>> = {
  ping: { 'the forge tried the webhook (ping): it is set up': 4 },
  push: {
    'enqueues refs/tags/simple-tag': 1,
    'enqueues refs/heads/master': 2,
    'tag simple-tag was deleted, which deploys and deletes nothing': 4,
  },
  create: { 'enqueues refs/tags/simple-tag': 5 },
  delete: { 'tag simple-tag was deleted, which deploys and deletes nothing': 4 },
  pull_request: {
    'pull request #2 (opened): only a merge is deployed': 4,
    'pull request #2 (assigned): only a merge is deployed': 2,
    'pull request #2 was closed without a merge': 2,
    'pull request #2 (converted_to_draft): only a merge is deployed': 3,
    'pull request #2 (labeled): only a merge is deployed': 2,
    'pull request #2 (locked): only a merge is deployed': 2,
    'pull request #2 (ready_for_review): only a merge is deployed': 3,
    'pull request #2 (reopened): only a merge is deployed': 2,
    'pull request #2 (review_request_removed): only a merge is deployed': 1,
    'pull request #2 (review_requested): only a merge is deployed': 1,
    'pull request #2 (synchronize): only a merge is deployed': 1,
    'pull request #2 (unassigned): only a merge is deployed': 2,
    'pull request #2 (unlabeled): only a merge is deployed': 2,
    'pull request #2 (unlocked): only a merge is deployed': 2,
  },
};

async function tally(event: string, payloads: object[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const payload of payloads) {
    const read = await github.readWebhook(githubRequest(event, JSON.stringify(payload)));
    const outcome = read.ignored ?? `enqueues ${read.ref}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

test('there are 329 examples', () => {
  expect(examples.flatMap((event) => event.examples)).toHaveLength(329);
});

test.each(examples)(
  'the signed examples of $name are read or ignored as expected',
  async ({ name, examples: payloads }) => {
    const ignored = { [`an event Slipway does not use: ${name}`]: payloads.length };

    expect(await tally(name, payloads)).toEqual(expected[name] ?? ignored);
  },
);

test('reads the repository and the sender of an example', async () => {
  const [push] = examples.filter((event) => event.name === 'push').flatMap((event) => event.examples);

  const read = await github.readWebhook(githubRequest('push', JSON.stringify(push)));

  expect(read).toMatchObject({ repository: 'github/Codertocat/Hello-World', sender: 'Codertocat' });
});
