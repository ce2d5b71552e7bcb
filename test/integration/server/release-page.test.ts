import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Release } from '../../../src/model/release.ts';
import { releaseUrl, signLink } from '../../../src/server/links.ts';
import { sandbox } from '../../support/sandbox.ts';
import {
  LINK_SECRET,
  recordRelease,
  type ServerUnderTest,
  startUnderTest,
  targetOf,
} from './server-under-test.ts';

let server: ServerUnderTest;
let web: Release;
let worker: Release;
beforeAll(async () => {
  server = await startUnderTest(sandbox().redisUrl);
  const merged = { number: 42, head: 'b'.repeat(40), mergeCommit: 'c'.repeat(40), base: 'main' };
  const { repository } = targetOf('web');
  const merge = {
    id: 'github:42',
    kind: 'webhook',
    forge: 'github',
    event: 'pull_request',
    known: true,
  } as const;
  await server.deliveries.accept([{ ...merge, repository, merged, receivedAt: Date.now() }]);
  worker = await recordRelease(server, targetOf('worker'), { state: 'verifying' });
  web = await recordRelease(server, targetOf('web'), {
    state: 'failed',
    failure: { code: 'UNHEALTHY', summary: 'image "<script>alert(1)</script>" not found' },
    changeSet: {
      changes: [
        {
          ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'loans', name: 'web' },
          action: 'configured',
          source: { file: 'deploy/web/deployment.yaml', line: 1 },
          fields: [
            { path: 'spec.template.spec.containers[name=web].image', before: 'web:v1', after: 'web:v2' },
          ],
        },
        {
          ref: { group: '', version: 'v1', kind: 'Secret', namespace: 'loans', name: 'database' },
          action: 'configured',
          fields: [{ path: 'data.password', before: '***', after: '***' }],
        },
      ],
    },
  });
});
afterAll(() => server.close());

function pageOf(id: string, signature: string) {
  return server.app.inject(`/releases/${id}?sig=${signature}`);
}

it('shows the release to everybody who has its signed address', async () => {
  const url = await releaseUrl(server.composition.links, web.id, 'github/acme/loans');
  const address = new URL(url ?? '');
  const response = await server.app.inject(`${address.pathname}${address.search}`);

  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
  for (const text of ['failed', 'web@production', 'Deployment loans/web', 'web:v1', 'web:v2', '***', 'ada']) {
    expect(response.body).toContain(text);
  }
});

it('links the other targets of the commit by addresses that open', async () => {
  const page = await pageOf(web.id, signLink(LINK_SECRET, web.id));
  const [, link = ''] = /href="https:\/\/slipway\.example\.com([^"]+)"/.exec(page.body) ?? [];

  const sibling = await server.app.inject(link);

  expect(link).toContain(worker.id);
  expect(sibling.statusCode).toBe(200);
});

it('links the commit, its pull request, and the file and line of an object at the forge', async () => {
  const { body } = await pageOf(web.id, signLink(LINK_SECRET, web.id));
  const forge = 'http://127.0.0.1:1/acme/loans';

  for (const url of [
    `${forge}/commit/${web.commit}`,
    `${forge}/pull/42`,
    `${forge}/blob/${web.commit}/deploy/web/deployment.yaml#L1`,
  ]) {
    expect(body).toContain(`<a href="${url}">`);
  }
});

it('links the previous release, by an address that opens', async () => {
  const later = await recordRelease(server, targetOf('worker'), { state: 'succeeded' });
  const { body } = await pageOf(later.id, signLink(LINK_SECRET, later.id));
  const [, link = ''] =
    /Previous release<\/dt><dd><a href="https:\/\/slipway\.example\.com([^"]+)"/.exec(body) ?? [];

  expect(link).toContain(worker.id);
  expect((await server.app.inject(link)).statusCode).toBe(200);
});

it('shows the content of a record as text, never as markup', async () => {
  const { body } = await pageOf(web.id, signLink(LINK_SECRET, web.id));

  expect(body).not.toContain('<script');
  expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('responds to a wrong signature exactly as to an unknown release', async () => {
  const wrong = await pageOf(web.id, signLink('another secret', web.id));
  const another = await pageOf(web.id, signLink(LINK_SECRET, worker.id));
  const missing = await server.app.inject(`/releases/${web.id}`);
  const unknown = await pageOf('deadbeef-1', signLink(LINK_SECRET, 'deadbeef-1'));

  expect([wrong, another, missing, unknown].map(({ statusCode }) => statusCode)).toEqual([
    404, 404, 404, 404,
  ]);
  expect(new Set([wrong, another, missing, unknown].map(({ body }) => body)).size).toBe(1);
});

it.each([
  ['a page', 200, () => pageOf(web.id, signLink(LINK_SECRET, web.id))],
  ['an error page', 404, () => pageOf(web.id, 'wrong')],
])(
  '%s allows nothing but its own style, and is kept out of caches and search engines',
  async (_name, status, open) => {
    const { headers, statusCode, body } = await open();

    expect(statusCode).toBe(status);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toMatch(/^<!doctype html>/);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'cache-control': 'private, no-store',
    });
  },
);

it('reloads by itself while the release is in progress', async () => {
  const open = await pageOf(worker.id, signLink(LINK_SECRET, worker.id));
  const ended = await pageOf(web.id, signLink(LINK_SECRET, web.id));

  expect(open.headers.refresh).toBe('2');
  expect(ended.headers.refresh).toBeUndefined();
});
