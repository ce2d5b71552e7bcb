import { afterAll, beforeAll, expect, it } from 'vitest';
import { app, appsYaml } from '../support/apps.ts';
import { testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;

beforeAll(async () => {
  slipway = await testSlipway();
  await slipway.start('run');
});
afterAll(() => slipway.stop());

const circuitOf = async (forge: string) => {
  const text = await (await fetch(`${slipway.opsUrl}/metrics`)).text();
  return text.match(new RegExp(`^slipway_forge_circuit_open\\{forge="${forge}"\\} (\\d)$`, 'm'))?.[1];
};

const readme = () => ({ 'README.md': 'loans' });

it('a forge that does not answer holds nobody up, and every commit hears its last word once it answers', async () => {
  const silent = await Promise.all([1, 2, 3].map(() => testRepository(slipway, readme, 'gitlab')));
  const other = await testRepository(slipway, readme, 'github');
  expect(await circuitOf('gitlab')).toBe('0');
  for (const { forge, name } of silent) await forge.setFaults('gitlab', { latencyMs: 3_600_000 }, name);

  const commits = await Promise.all(
    silent.map((repository) =>
      repository.push({ 'slipway.yaml': appsYaml(repository.namespace), ...app('web', '1') }),
    ),
  );
  await eventually('an open circuit', async () => ((await circuitOf('gitlab')) === '1' ? true : undefined));
  const commit = await other.push({ 'slipway.yaml': appsYaml(other.namespace), ...app('web', '1') });
  await other.reported(commit, 'success');
  expect(await circuitOf('github')).toBe('0');
  for (const repository of silent) await repository.reached('web', ['succeeded']);
  expect(slipway.logs()).toContain('the forge does not answer');

  for (const { forge, name } of silent) await forge.clearFaults('gitlab', name);
  for (const [index, repository] of silent.entries())
    await repository.reported(commits[index] ?? '', 'success');
  await eventually('a closed circuit', async () => ((await circuitOf('gitlab')) === '0' ? true : undefined));
  expect(slipway.logs()).toContain('the forge answers again');
});
