import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { app, appsYaml } from '../support/apps.ts';
import { secretsIn, TestRepository } from '../support/repository.ts';
import { uniqueNamespace } from '../support/sandbox.ts';
import { type TestSlipway, testSlipway } from '../support/slipway.ts';

/** A project with a webhook secret of its own, and another one without, on one forge. */
const [own, other] = [uniqueNamespace('own'), uniqueNamespace('other')];
const secret = randomBytes(24).toString('hex');
let slipway: TestSlipway;

beforeAll(async () => {
  const rule = { branches: ['*'], namespaces: ['*'], createNamespaces: true };
  const project = (name: string) => ({ repositories: [`github/acme/${name}`], clusters: { prod: rule } });
  slipway = await testSlipway('github', {
    projects: { own: { ...project(own), webhookSecrets: [{ file: 'own-secret' }] }, other: project(other) },
  });
  await writeFile(join(slipway.dir, 'own-secret'), secret);
  await slipway.start('run');
});
afterAll(async () => {
  expect(secretsIn(slipway, slipway.logs())).toEqual([]);
  expect(slipway.logs()).not.toContain(secret);
  await slipway.stop();
});

/** Pushes a first commit with a webhook that is signed with this secret; resolves to what Slipway responded. */
async function pushSigned(name: string, signedWith: string): Promise<number | null | undefined> {
  const repository = new TestRepository(slipway, 'github', name);
  const { forge } = repository;
  const { id: hookId } = await forge.addHook('github', repository.name, {
    url: slipway.webhookUrl('github'),
    secret: signedWith,
  });
  await repository.push({ 'slipway.yaml': appsYaml(name), ...app('web', String(Math.random())) });
  await forge.quiet();
  const sent = await forge.deliveries({ repo: repository.name, event: 'push', hookId });
  await forge.removeHook('github', repository.name, hookId);
  return sent.at(-1)?.attempts.at(-1)?.status;
}

it("a project's webhook secret speaks for its repositories, and only for these", async () => {
  for (const name of [own, other]) {
    await slipway.forge.createRepository('github', `acme/${name}`, { files: { 'README.md': name } });
  }
  const ofForge = slipway.webhookSecret('github');
  expect(await pushSigned(other, secret)).toBe(401);
  expect(await pushSigned(own, ofForge)).toBe(401);
  expect(await pushSigned(other, ofForge)).toBe(202);
  expect(await pushSigned(own, secret)).toBe(202);
  await new TestRepository(slipway, 'github', own).reached('web', ['succeeded']);
});
