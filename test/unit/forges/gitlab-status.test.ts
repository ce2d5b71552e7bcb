import { afterEach, expect, test } from 'vitest';
import type { CommitStatus } from '../../../src/ports/forge.ts';
import { type Scripted, type ScriptedServer, startScripted } from './scripted-server.ts';
import { forgeOf, gitlabConfig } from './support.ts';

const sha = 'a'.repeat(40);
const success: CommitStatus = { context: 'slipway/production', state: 'success', description: 'deployed' };
const pending: CommitStatus = { ...success, state: 'pending' };
const posted: Scripted = { status: 201, body: { id: 1, pipeline_id: 99 } };
const busy: Scripted = {
  status: 409,
  body: { message: 'Another update to this commit status is in progress' },
};

let server: ScriptedServer;

afterEach(() => server.stop());

async function gitlab(responses: Scripted[]) {
  server = await startScripted(responses);
  return forgeOf({
    ...gitlabConfig,
    url: server.url,
    apiUrl: `${server.url}/api/v4`,
    auth: { kind: 'token', token: 't' },
  });
}

function pipelines(): unknown[] {
  return server.seen.map((request) => JSON.parse(request.body).pipeline_id);
}

function cannot(event: string, from: string): Scripted {
  return {
    status: 400,
    body: { message: `Cannot transition status via :${event} from :${from} (Reason(s): …)` },
  };
}

test('encodes the path of a project in groups as one part of the address', async () => {
  const forge = await gitlab([posted]);

  await forge.postStatus('gitlab/acme/team/loans', sha, success);

  expect(server.seen[0]).toMatchObject({
    method: 'POST',
    path: `/api/v4/projects/acme%2Fteam%2Floans/statuses/${sha}`,
  });
  expect(server.seen[0]?.headers['private-token']).toBe('t');
});

test('returns the pipeline of the response, and names it in a status that is given it', async () => {
  const forge = await gitlab([posted]);

  expect(await forge.postStatus('gitlab/acme/loans', sha, pending)).toBe('99');
  expect(await forge.postStatus('gitlab/acme/loans', sha, { ...success, place: '98' })).toBe('99');

  expect(pipelines()).toEqual([undefined, 98]);
});

test('keeps the pipeline if the status has its state already', async () => {
  const forge = await gitlab([cannot('success', 'success')]);

  expect(await forge.postStatus('gitlab/acme/loans', sha, { ...success, place: '98' })).toBe('98');
});

test('names no pipeline if the named one no longer exists', async () => {
  const gone: Scripted = {
    status: 404,
    body: { message: '404 Pipeline for pipeline_id, sha and ref Not Found' },
  };
  const forge = await gitlab([gone, posted]);

  expect(await forge.postStatus('gitlab/acme/loans', sha, { ...success, place: '98' })).toBe('99');

  expect(pipelines()).toEqual([98, undefined]);
});

test.each([
  ['it is pending already', pending, cannot('enqueue', 'pending')],
  ['pending is already running', pending, cannot('enqueue', 'running')],
  ['it is success already', success, cannot('success', 'success')],
])('treats as done: %s', async (_case, status, response) => {
  const forge = await gitlab([response]);

  await expect(forge.postStatus('gitlab/acme/loans', sha, status)).resolves.toBeUndefined();
});

test('does not treat a different final state as done', async () => {
  const forge = await gitlab([cannot('success', 'skipped')]);

  await expect(forge.postStatus('gitlab/acme/loans', sha, success)).rejects.toMatchObject({
    code: 'FORGE_INVALID',
  });
});

test('retries after a conflict with another post', async () => {
  const forge = await gitlab([busy, busy, posted]);

  await forge.postStatus('gitlab/acme/loans', sha, success);

  expect(server.seen).toHaveLength(3);
});

test('leaves a lasting conflict to the queue', async () => {
  const forge = await gitlab([busy]);

  await expect(forge.postStatus('gitlab/acme/loans', sha, success)).rejects.toMatchObject({
    code: 'FORGE_UNREACHABLE',
  });
  expect(server.seen).toHaveLength(4);
});

test.each([
  [255, true],
  [256, false],
])('a link of %i characters is sent: %s', async (length, sent) => {
  const forge = await gitlab([posted]);
  const url = 'https://slipway.example.com/'.padEnd(length, 'x');

  await forge.postStatus('gitlab/acme/loans', sha, { ...success, url });

  expect(JSON.parse(server.seen[0]?.body ?? '').target_url).toBe(sent ? url : undefined);
});
