import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { deliveriesCommand } from '../../../src/cli/deliveries.ts';
import { deployCommand } from '../../../src/cli/deploy.ts';
import { historyCommand } from '../../../src/cli/history.ts';
import { quarantineCommand } from '../../../src/cli/quarantine.ts';
import { releaseCommand } from '../../../src/cli/release.ts';
import { statusCommand } from '../../../src/cli/status.ts';
import type { Release } from '../../../src/model/release.ts';
import { sandbox } from '../../support/sandbox.ts';
import {
  githubPush,
  recordRelease,
  type ServerUnderTest,
  startUnderTest,
  TOKEN,
  targetOf,
} from '../server/server-under-test.ts';

let server: ServerUnderTest;
let url: string;
let failed: Release;
beforeAll(async () => {
  server = await startUnderTest(sandbox().redisUrl);
  url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  await server.app.inject(githubPush({ id: 'one' }));
  await recordRelease(server, targetOf('web'), {
    state: 'succeeded',
    summary: '1 created',
    endedAt: Date.now(),
  });
  await recordRelease(server, targetOf('web', 'production', 'github/acme/other'), { state: 'applying' });
  failed = await recordRelease(server, targetOf('worker'), {
    state: 'failed',
    failure: {
      code: 'UNHEALTHY',
      summary: '\u001b[2J0 of 3 pods ready',
      object: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'loans', name: 'worker' },
      hint: 'Correct the image.',
    },
    changeSet: {
      changes: [
        {
          ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'loans', name: 'worker' },
          action: 'configured',
          source: { file: 'deploy/worker/deployment.yaml', line: 1 },
          fields: [{ path: 'spec.replicas', before: 2, after: 3 }],
          moreFields: 7,
          tookFrom: ['kubectl-edit', 'argocd'],
          warnings: ['would violate PodSecurity "restricted:latest"'],
        },
      ],
    },
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
afterAll(() => server.close());

/** Runs a command as `slipway` does and resolves to what it printed. */
async function run(command: Command, args: string[], env: Record<string, string> = {}): Promise<string> {
  const variables = { SLIPWAY_URL: url, SLIPWAY_TOKEN: TOKEN, NO_COLOR: '1', ...env };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  await command.parseAsync(args, { from: 'user' });
  return printed;
}

describe('status', () => {
  it('shows every target with the state of its last release, and a full name where the short one is not unique', async () => {
    const lines = (await run(statusCommand(), [])).split('\n');

    expect(lines[0]).toMatch(/^TARGET +REPOSITORY +STATE +COMMIT +SINCE/);
    expect(lines[1]).toMatch(
      /^github\/acme\/loans\/\/web@production +github\/acme\/loans +succeeded +cccccccccccc +\d+ s +1 created$/,
    );
    expect(lines[2]).toMatch(/^worker@production +github\/acme\/loans +failed .* 0 of 3 pods ready$/);
  });

  it('removes control characters of a repository from the terminal', async () => {
    expect(await run(statusCommand(), [])).not.toContain('\u001b[2J');
  });

  it('prints the response of the API with --json', async () => {
    const response = JSON.parse(await run(statusCommand(), ['--json']));

    expect(response.targets).toHaveLength(3);
    expect(response.targets[1]).toMatchObject({ cluster: 'prod', release: { id: failed.id } });
  });
});

describe('history', () => {
  it('lists the releases of one target', async () => {
    const lines = (await run(historyCommand(), ['worker@production'])).split('\n');

    expect(lines[1]).toMatch(new RegExp(`^${failed.id} +worker@production +failed +cccccccccccc +ada`));
  });

  it('lists the last release of every target if none is named', async () => {
    const releases = JSON.parse(await run(historyCommand(), ['--json'])).releases as Release[];

    expect(releases.map(({ state }) => state)).toEqual(['failed', 'applying', 'succeeded']);
  });

  it('names the targets that fit an ambiguous short name, and the next step', async () => {
    await expect(run(historyCommand(), ['web@production'])).rejects.toMatchObject({
      code: 'AMBIGUOUS',
      message: expect.stringContaining('github/acme/other//web@production'),
      hint: expect.stringContaining('<repository>//<app>@<environment>'),
    });
  });
});

describe('release', () => {
  it('shows the reason, the next step, and every field that changed', async () => {
    const printed = await run(releaseCommand(), [failed.id]);

    for (const text of [
      'github/acme/loans//worker@production #1',
      '0 of 3 pods ready',
      'next     Correct the image.',
      'configured Deployment loans/worker  deploy/worker/deployment.yaml:1',
      '    spec.replicas\n      - 2\n      + 3',
      '    … and 7 more fields',
      '    fields taken from kubectl-edit, argocd',
      '    warning: would violate PodSecurity "restricted:latest"',
    ]) {
      expect(printed).toContain(text);
    }
  });
});

describe('deploy', () => {
  it('enqueues the target and names the command that follows it', async () => {
    const printed = await run(deployCommand(), ['worker@production']);

    expect(printed).toContain('github/acme/loans//worker@production is queued at cccccccccccc.');
    expect((await server.releases.record(failed.target))?.desired?.cause).toEqual({
      kind: 'manual',
      by: 'ops',
    });
  });
});

describe('deliveries', () => {
  it('shows each delivery and its outcome', async () => {
    const lines = (await run(deliveriesCommand(), ['--repository', 'github/acme/loans'])).split('\n');

    expect(lines[1]).toMatch(/^\d+ s +waiting +push +github\/acme\/loans +main +ada .*github:one$/);
  });

  it('reports that no delivery fits', async () => {
    expect(await run(deliveriesCommand(), ['--state', 'failed'])).toBe('No delivery matches.\n');
  });
});

describe('quarantine', () => {
  const job = { queue: 'deploy', name: 'github/acme/loans//web@production' };

  it('shows each job in quarantine, and tries one again by its name', async () => {
    for (const suspect of [job, { queue: 'plan', name: 'request-1' }]) {
      await server.suspects.write({ ...suspect, deaths: 3, work: '', quarantined: true });
    }
    const [head, ...rows] = (await run(quarantineCommand(), [])).trimEnd().split('\n');
    expect(head).toMatch(/^AGE +QUEUE +DEATHS +NAME$/);
    // Both are as old, so their order is open.
    expect(rows.toSorted()).toEqual([
      expect.stringMatching(/^\d+ s +deploy +3 +github\/acme\/loans\/\/web@production$/),
      expect.stringMatching(/^\d+ s +plan +3 +request-1$/),
    ]);

    const { jobs } = JSON.parse(await run(quarantineCommand(), ['--json']));
    expect(jobs).toHaveLength(2);
    expect(jobs).toContainEqual(expect.objectContaining({ ...job, deaths: 3 }));

    const printed = await run(quarantineCommand(), ['retry', job.queue, job.name]);
    expect(printed).toBe(`${job.name} is tried again.\n`);
    expect(await server.suspects.find(job.queue, job.name)).toBeUndefined();
    await run(quarantineCommand(), ['retry', 'plan', 'request-1']);
    expect(await run(quarantineCommand(), [])).toBe('No job is in quarantine.\n');
  });

  it('says so if the job is not in quarantine', async () => {
    const asked = run(quarantineCommand(), ['retry', 'deploy', 'web']);
    await expect(asked).rejects.toMatchObject({ code: 'NOT_FOUND', hint: 'See slipway quarantine.' });
  });
});

describe('a command that gets no usable response', () => {
  it.each([
    ['the token is missing', { SLIPWAY_TOKEN: '' }, 'UNAUTHORIZED', 'Set it to one of api.tokens'],
    ['the token is wrong', { SLIPWAY_TOKEN: 'wrong' }, 'UNAUTHORIZED', 'Send a token of server.yaml'],
    ['nothing listens', { SLIPWAY_URL: 'http://127.0.0.1:1' }, 'SERVER_UNREACHABLE', 'Start the server'],
  ])('says what to do when %s', async (_name, env, code, hint) => {
    await expect(run(statusCommand(), [], env)).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    });
  });
});
