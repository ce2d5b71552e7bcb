import { setImmediate as breathe } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import { createGate, type GateOptions } from '../../../src/forges/gate.ts';

/** A gate for which every failure has held its caller, and which is never probed unless a test says so. */
function aGate(options: Partial<GateOptions> = {}) {
  const changes: boolean[] = [];
  const gate = createGate({
    forge: 'github',
    maxRequests: 10,
    holdsMs: 0,
    pauseMs: 1_000_000,
    onChange: (open) => changes.push(open),
    ...options,
  });
  return { gate, changes };
}

const silent = async (): Promise<never> => {
  throw new SlipwayError('GIT_UNREACHABLE', 'nothing came');
};
const fine = async () => 'fine';

const hang = async ({ gate }: ReturnType<typeof aGate>, ...repositories: string[]) => {
  for (const repository of repositories) await gate.pass('git', repository, silent).catch(() => undefined);
};

afterEach(() => vi.useRealTimers());

describe('the gate of a forge', () => {
  it('stops calls once three repositories in a row did not answer', async () => {
    const at = aGate();
    await hang(at, 'github/a/a', 'github/a/b', 'github/a/c');

    let made = false;
    const call = at.gate.pass('api', 'github/a/d', async () => {
      made = true;
    });

    await expect(call).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE', retryAfterMs: expect.any(Number) });
    await expect(at.gate.pass('git', 'github/a/d', fine)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' });
    expect(made).toBe(false);
    expect(at.changes).toEqual([true]);
  });

  it('stops only the calls of Git for a repository that does not answer', async () => {
    const at = aGate();
    await hang(at, 'github/a/a', 'github/a/a', 'github/a/a', 'github/a/a');

    await expect(at.gate.pass('git', 'github/a/a', fine)).rejects.toMatchObject({
      code: 'GIT_UNREACHABLE',
      message: expect.stringContaining('github for github/a/a'),
      retryAfterMs: undefined,
    });
    expect(await at.gate.pass('api', 'github/a/a', fine)).toBe('fine');
    expect(await at.gate.pass('git', 'github/a/b', fine)).toBe('fine');
    expect(at.changes).toEqual([]);
  });

  it('begins to count anew when a call comes through', async () => {
    const at = aGate();
    await hang(at, 'github/a/a', 'github/a/b');
    await at.gate.pass('api', 'github/a/x', fine);
    await hang(at, 'github/a/c', 'github/a/d');

    expect(await at.gate.pass('api', 'github/a/x', fine)).toBe('fine');
  });

  it.each([
    ['a refusal', new SlipwayError('FORGE_REFUSED', 'no')],
    ['another error', new Error('x')],
  ])('does not count %s, which is passed on', async (_, error) => {
    const { gate } = aGate();
    for (const name of ['a', 'b', 'c', 'd']) {
      const call = gate.pass('git', name, async () => {
        throw error;
      });
      await expect(call).rejects.toBe(error);
    }

    expect(await gate.pass('git', 'a', fine)).toBe('fine');
  });

  it('does not count failures that held nobody up', async () => {
    const at = aGate({ holdsMs: 1_000_000 });
    await hang(at, 'github/a/a', 'github/a/b', 'github/a/c', 'github/a/d');

    expect(await at.gate.pass('git', 'github/a/a', fine)).toBe('fine');
  });

  it('lets one call probe after a pause, and nobody wait for it', async () => {
    const at = aGate({ pauseMs: 1 });
    await hang(at, 'github/a/a', 'github/a/b', 'github/a/c');
    let answer = (_: string) => {};
    const answered = new Promise<string>((resolve) => {
      answer = resolve;
    });
    let probes = 0;
    await expect
      .poll(async () => {
        const call = at.gate.pass('api', 'github/a/x', () => {
          probes += 1;
          return answered;
        });
        call.catch(() => undefined);
        await breathe();
        return probes;
      })
      .toBe(1);

    await expect(at.gate.pass('api', 'github/a/x', fine)).rejects.toMatchObject({
      code: 'FORGE_UNREACHABLE',
    });
    answer('here');

    await expect.poll(() => at.changes).toEqual([true, false]);
    expect(await at.gate.pass('api', 'github/a/x', fine)).toBe('fine');
  });

  it('stays open if the probe was given up', async () => {
    const at = aGate({ pauseMs: 1 });
    await hang(at, 'github/a/a', 'github/a/b', 'github/a/c');
    const given = new AbortController();
    const probe = async () => {
      given.abort(new Error('given up'));
      throw given.signal.reason;
    };
    await expect
      .poll(() =>
        at.gate.pass('api', 'github/a/x', probe, given.signal).catch((error: Error) => error.message),
      )
      .toBe('given up');

    expect(at.changes).not.toContain(false);
    await expect.poll(() => at.gate.pass('api', 'github/a/x', fine).catch(() => undefined)).toBe('fine');
    expect(at.changes.at(-1)).toBe(false);
  });

  it('does not take the silence of the forge for an answer about a repository', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const pauseIsOver = () => vi.setSystemTime(Date.now() + 3_600_000);
    const at = aGate({ pauseMs: 60_000 });
    await hang(at, 'github/a/a', 'github/a/a');
    pauseIsOver();
    await hang(at, 'github/a/b', 'github/a/c');
    expect(at.changes).toEqual([true]);

    // Probes the circuit of the repository, and is stopped by that of the forge.
    await expect(at.gate.pass('git', 'github/a/a', fine)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' });
    pauseIsOver();
    expect(await at.gate.pass('api', 'github/a/x', fine)).toBe('fine');
    await hang(at, 'github/a/a');

    await expect(at.gate.pass('git', 'github/a/a', fine)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' });
  });

  it('lets so many calls through at once, and those that are given up leave the line', async () => {
    const { gate } = aGate({ maxRequests: 1 });
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    const first = gate.pass('api', 'github/a/a', () => held);
    const given = new AbortController();
    let made = false;
    const second = gate.pass(
      'api',
      'github/a/a',
      async () => {
        made = true;
      },
      given.signal,
    );
    given.abort(new Error('given up'));

    await expect(second).rejects.toThrow('given up');
    end();
    await first;
    expect(await gate.pass('api', 'github/a/a', fine)).toBe('fine');
    expect(made).toBe(false);
  });

  it('does not let those through that stood in line when the circuit opened', async () => {
    const at = aGate({ maxRequests: 1 });
    let made = false;
    const calls = [
      ...['a', 'b', 'c'].map((name) => at.gate.pass('git', name, silent)),
      at.gate.pass('git', 'd', async () => {
        made = true;
      }),
    ];

    const results = await Promise.allSettled(calls);

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(made).toBe(false);
  });
});
