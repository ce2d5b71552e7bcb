import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../contract/support/receiver.ts';
import { type ForgeUnderTest, startForgeUnderTest } from './forge-under-test.ts';

let fixture: ForgeUnderTest;
let receiver: Receiver;

beforeAll(async () => {
  fixture = await startForgeUnderTest();
  receiver = await startReceiver();
});

afterAll(async () => {
  await fixture.stop();
  await receiver.stop();
});

const hooked = async () => {
  const repo = await fixture.repository('github');
  await fixture.client.addHook('github', repo, { url: receiver.url, events: ['push'] });
  await fixture.client.quiet();
  const commit = async (content: string) =>
    fixture.client.commit('github', repo, 'main', { files: { a: content } });
  /** SHAs in order of arrival. */
  const arrived = async (): Promise<string[]> => {
    await fixture.client.quiet();
    const bodies = receiver.received.map(({ body }) => JSON.parse(body.toString()));
    return bodies
      .filter((body) => body.repository.full_name === repo && 'after' in body)
      .map((body) => body.after);
  };
  return { repo, commit, arrived };
};

/** A REST call as Slipway makes it; resolves to the response's status, or `dropped`. */
const post = async (repo: string, sha: string) => {
  const { url, token } = fixture.forge.github;
  const response = await fetch(`${url}/api/v3/repos/${repo}/statuses/${sha}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ state: 'success' }),
  }).catch(() => null);
  return { status: response?.status ?? 'dropped', headers: response?.headers, body: await response?.json() };
};

describe('webhooks', () => {
  test('are lost as often as configured, and can be redelivered under their id', async () => {
    const { repo, commit, arrived } = await hooked();
    await fixture.client.setFaults('github', { lose: 1 }, repo);

    const lost = await commit('1');
    const heard = await commit('2');

    expect(await arrived()).toEqual([heard.sha]);
    const [first] = await fixture.client.deliveries({ repo, event: 'push' });
    expect(first).toMatchObject({ fate: 'lost', attempts: [] });
    const again = await fixture.client.redeliver(first?.id ?? 0);
    expect(await arrived()).toEqual([heard.sha, lost.sha]);
    expect(again).toMatchObject({ guid: first?.guid, attempts: [{ status: 202 }] });
  });

  test('are repeated with the same id', async () => {
    const { repo, commit, arrived } = await hooked();
    await fixture.client.setFaults('github', { repeat: 1 }, repo);

    const one = await commit('1');
    const two = await commit('2');

    expect((await arrived()).sort()).toEqual([one.sha, one.sha, two.sha].sort());
    const [first] = await fixture.client.deliveries({ repo, event: 'push' });
    expect(
      receiver.received.filter(({ headers }) => headers['x-github-delivery'] === first?.guid),
    ).toHaveLength(2);
  });

  test('are held and sent in reverse order', async () => {
    const { repo, commit, arrived } = await hooked();
    await fixture.client.setFaults('github', { reorder: 2 }, repo);

    const one = await commit('1');
    expect(await arrived()).toEqual([]);
    const two = await commit('2');

    expect(await arrived()).toEqual([two.sha, one.sha]);
  });

  test('that are still held are sent when the faults end', async () => {
    const { repo, commit, arrived } = await hooked();
    await fixture.client.setFaults('github', { reorder: 5 }, repo);
    const { sha } = await commit('1');

    await fixture.client.clearFaults('github', repo);

    expect(await arrived()).toEqual([sha]);
  });

  test('are delayed as configured', async () => {
    const { repo, commit, arrived } = await hooked();
    await fixture.client.setFaults('github', { delayMs: 150 }, repo);

    const { sha, at } = await commit('1');

    expect(await arrived()).toEqual([sha]);
    const [delivery] = await fixture.client.deliveries({ repo, event: 'push' });
    expect((delivery?.attempts[0]?.sentAt ?? 0) - at).toBeGreaterThanOrEqual(145);
  });

  test('without a receiver are recorded with the reason', async () => {
    const repo = await fixture.repository('github');
    await fixture.client.addHook('github', repo, { url: 'http://127.0.0.1:1/', events: ['push'] });

    await fixture.client.commit('github', repo, 'main', { files: { a: '1' } });

    await fixture.client.quiet();
    const [delivery] = await fixture.client.deliveries({ repo, event: 'push' });
    expect(delivery?.attempts).toMatchObject([
      { status: null, error: expect.stringContaining('ECONNREFUSED') },
    ]);
  });
});

describe('REST calls', () => {
  test('fail with the configured codes, in order', async () => {
    const { repo, commit } = await hooked();
    const { sha } = await commit('1');
    await fixture.client.setFaults('github', { statusErrors: [502, 422] }, repo);

    const codes = [await post(repo, sha), await post(repo, sha), await post(repo, sha)].map(
      ({ status }) => status,
    );

    expect(codes).toEqual([502, 422, 201]);
    expect(await fixture.client.statuses('github', repo, sha)).toHaveLength(1);
  });

  test('reach the secondary limit with the time to wait', async () => {
    const { repo, commit } = await hooked();
    const { sha } = await commit('1');
    await fixture.client.setFaults('github', { rateLimit: { times: 1, status: 403, retryAfter: 7 } }, repo);

    const limited = await post(repo, sha);

    expect(limited.status).toBe(403);
    expect(limited.headers?.get('retry-after')).toBe('7');
    expect(limited.body).toMatchObject({ message: expect.stringContaining('secondary rate limit') });
    expect((await post(repo, sha)).status).toBe(201);
  });

  test('reach the hourly limit with its reset time', async () => {
    const { repo, commit } = await hooked();
    const { sha } = await commit('1');
    const limit = { times: 1, primary: true, retryAfter: 3_000 };
    await fixture.client.setFaults('github', { rateLimit: limit }, repo);

    const limited = await post(repo, sha);

    expect(limited.headers?.get('x-ratelimit-remaining')).toBe('0');
    const wait = Number(limited.headers?.get('x-ratelimit-reset')) - Date.now() / 1000;
    expect(wait).toBeGreaterThan(2_000);
    expect(wait).toBeLessThanOrEqual(3_001);
  });

  test('are refused after too many in one minute', async () => {
    const { repo, commit } = await hooked();
    const { sha } = await commit('1');
    await fixture.client.setFaults('github', { contentPerMinute: 2 }, repo);

    const responses = [await post(repo, sha), await post(repo, sha), await post(repo, sha)];

    expect(responses.map(({ status }) => status)).toEqual([201, 201, 403]);
    expect(Number(responses[2]?.headers?.get('retry-after'))).toBeGreaterThan(0);
  });

  test('are dropped and Git refused while the forge is down, for that repository alone', async () => {
    const { repo, commit } = await hooked();
    const { sha } = await commit('1');
    const other = await hooked();
    const healthy = await other.commit('1');
    await fixture.client.setFaults('github', { apiDown: true, gitDown: true }, repo);

    expect((await post(repo, sha)).status).toBe('dropped');
    await expect(fixture.git('.', 'ls-remote', fixture.cloneUrl('github', repo))).rejects.toThrow(/503/);
    expect((await post(other.repo, healthy.sha)).status).toBe(201);

    await fixture.client.clearFaults('github', repo);
    expect((await post(repo, sha)).status).toBe(201);
  });

  test('are delayed as configured', async () => {
    const { repo, commit } = await hooked();
    const { sha } = await commit('1');
    await fixture.client.setFaults('github', { latencyMs: 120 }, repo);

    const started = performance.now();
    await post(repo, sha);

    expect(performance.now() - started).toBeGreaterThanOrEqual(115);
  });
});
