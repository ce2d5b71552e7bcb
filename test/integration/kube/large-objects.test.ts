import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { RenderedObject } from '../../../src/model/object.ts';
import { definition, definitionPath } from './custom-kind.ts';
import {
  configMap,
  createNamespace,
  read,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

/** No retries, which would take longer than a test. */
const fixture = startFixture({ retryBudgetMs: 3_600_000 });
const { namespace } = fixture;
const group = `large-${randomBytes(4).toString('hex')}.example.com`;
const megabyte = 1_000_000;

beforeAll(async () => {
  await createNamespace(fixture);
  await apply('definition', rendered(definition('Book', 'books', group)));
});
afterAll(() => fixture.admin.request({ method: 'DELETE', path: definitionPath('books', group) }));

async function apply(app: string, object: RenderedObject): Promise<ObjectChange | undefined> {
  const { applied } = await release({ ...fixture, target: targetOf(namespace, app) }, [object]);
  return applied[0];
}

/** An object of a kind without its own size limit. */
function book(name: string, bytes: number, letter = 'a'): RenderedObject {
  const metadata = { name, namespace };
  const spec = { text: letter.repeat(bytes) };
  return rendered({ apiVersion: `${group}/v1`, kind: 'Book', metadata, spec }, `${name}.yaml`);
}

test('an object between one megabyte and the limit of etcd is applied, and its change is shortened', async () => {
  await apply('fits', book('fits', 1.4 * megabyte));
  const change = await apply('fits', book('fits', 1.4 * megabyte, 'b'));

  expect(change).toMatchObject({ action: 'configured', fields: [{ path: 'spec.text' }] });
  expect(JSON.stringify(change).length).toBeLessThan(5_000);
  const live = await read(fixture, `/apis/${group}/v1/namespaces/${namespace}/books/fits`);
  expect(live?.spec).toEqual({ text: 'b'.repeat(1.4 * megabyte) });
});

describe('an object that is too large', () => {
  test.each([
    ['for etcd', 1.6],
    ['for the API server', 3.5],
    ['by far', 20],
  ])('%s is refused with its name, its file, its size and what to do', async (_what, megabytes) => {
    const change = await apply(`book-${megabytes}`, book('whale', megabytes * megabyte));

    expect(change).toMatchObject({
      action: 'failed',
      source: { file: 'whale.yaml', line: 1 },
      failure: {
        summary: `it is too large: it has ${megabytes.toFixed(1)} MB, and etcd accepts about 1.5 MB`,
        hint: expect.stringContaining('Split it'),
      },
    });
  });

  test('for its own kind is refused with that limit', async () => {
    const change = await apply('config', configMap(fixture, 'whale', { text: 'a'.repeat(1.2 * megabyte) }));

    expect(change).toMatchObject({
      failure: {
        summary: 'it is too large: a ConfigMap may hold 1048576 bytes',
        hint: expect.stringContaining('Split it'),
      },
    });
  });
});
