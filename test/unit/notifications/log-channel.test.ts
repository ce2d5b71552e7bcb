import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { Release } from '../../../src/model/release.ts';
import { EVENT_VERSION, type ReleaseEvent, releaseEvent } from '../../../src/model/release-event.ts';
import { createLogChannel } from '../../../src/notifications/log/channel.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createMasker } from '../../../src/telemetry/secrets.ts';

const target = 'github/acme/web//web@production';
const cause = { kind: 'push', by: 'ada' } as const;

/** The line that the event becomes, without what every line has. */
async function lineOf(event: ReleaseEvent): Promise<unknown> {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = createLogger({ level: 'info', masker: createMasker([]), stream });
  const channel = createLogChannel({ log });
  await channel.deliver({ cursor: '1700000000000-0', event }, new AbortController().signal);
  expect(lines).toHaveLength(1);
  const { time, pid, ...line } = JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
  return line;
}

it('logs a release event as one line with a fixed message and flat fields', async () => {
  const release: Release = {
    id: '0123abcd-7',
    target,
    number: 7,
    commit: 'one',
    contentKey: 'key',
    revision: 3,
    cause,
    state: 'failed',
    namespace: 'loans',
    failure: { code: 'UNHEALTHY', summary: 'broken', hint: 'mend it' },
    summary: '1 failed',
    times: {},
    startedAt: 1_000,
    endedAt: 2_000,
    attempts: 1,
  };
  expect(await lineOf(releaseEvent(release, 0))).toEqual({
    level: 'info',
    msg: 'release event',
    id: '1700000000000-0',
    event: 'failed',
    at: '1970-01-01T00:00:00.000Z',
    target,
    commit: 'one',
    cause,
    release: '0123abcd-7',
    number: 7,
    revision: 3,
    state: 'failed',
    attempts: 1,
    startedAt: 1_000,
    endedAt: 2_000,
    summary: '1 failed',
    code: 'UNHEALTHY',
    reason: 'broken',
    hint: 'mend it',
  });
});

it('logs the event of a commit without a release, and what superseded it', async () => {
  const base = { version: EVENT_VERSION, at: 0, target, commit: 'one', cause } as const;
  expect(await lineOf({ ...base, kind: 'queued' })).toMatchObject({ event: 'queued', target });
  const line = await lineOf({ ...base, kind: 'superseded', supersededBy: 'two' });
  expect(line).toMatchObject({ event: 'superseded', supersededBy: 'two' });
  expect(line).not.toHaveProperty('release');
});
