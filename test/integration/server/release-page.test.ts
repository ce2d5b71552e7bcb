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
  worker = await recordRelease(server, targetOf('worker'), { state: 'verifying' });
  web = await recordRelease(server, targetOf('web'), {
    state: 'failed',
    reason: 'Deployment loans/web: image "<script>alert(1)</script>" not found',
    changeSet: {
      changes: [
        {
          ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'loans', name: 'web' },
          action: 'configured',
          source: 'deploy/web/deployment.yaml:1',
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

it('shows the release to whoever has its signed address', async () => {
  const address = new URL(releaseUrl(server.composition.links, web.id));
  const response = await server.app.inject(`${address.pathname}${address.search}`);

  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
  for (const text of ['failed', 'web@production', 'Deployment loans/web', 'web:v1', 'web:v2', '***', 'ada']) {
    expect(response.body).toContain(text);
  }
});

it('links the other targets of the commit, by addresses that open', async () => {
  const page = await pageOf(web.id, signLink(LINK_SECRET, web.id));
  const [, link = ''] = /href="https:\/\/slipway\.example\.com([^"]+)"/.exec(page.body) ?? [];

  const sibling = await server.app.inject(link);

  expect(link).toContain(worker.id);
  expect(sibling.statusCode).toBe(200);
});

it('writes what stands in a record as text, never as markup', async () => {
  const { body } = await pageOf(web.id, signLink(LINK_SECRET, web.id));

  expect(body).not.toContain('<script');
  expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('answers a wrong signature exactly like an unknown release', async () => {
  const wrong = await pageOf(web.id, signLink('another secret', web.id));
  const another = await pageOf(web.id, signLink(LINK_SECRET, worker.id));
  const missing = await server.app.inject(`/releases/${web.id}`);
  const unknown = await pageOf('deadbeef-1', signLink(LINK_SECRET, 'deadbeef-1'));

  expect([wrong, another, missing, unknown].map(({ statusCode }) => statusCode)).toEqual([
    404, 404, 404, 404,
  ]);
  expect(new Set([wrong, another, missing, unknown].map(({ body }) => body)).size).toBe(1);
});

it('allows nothing but its own style, and is kept out of caches and search engines', async () => {
  const { headers } = await pageOf(web.id, signLink(LINK_SECRET, web.id));

  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
  expect(headers).toMatchObject({
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'cache-control': 'private, no-store',
  });
});

it('asks again by itself while the release is under way', async () => {
  const open = await pageOf(worker.id, signLink(LINK_SECRET, worker.id));
  const ended = await pageOf(web.id, signLink(LINK_SECRET, web.id));

  expect(open.headers.refresh).toBe('2');
  expect(ended.headers.refresh).toBeUndefined();
});
