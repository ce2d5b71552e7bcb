import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../../src/health/index.ts';
import { condition, object, type Row } from '../objects.ts';

function job(status: object, spec: object = {}, metadata: object = {}) {
  return object('Job', { spec, status, metadata });
}

const complete = { succeeded: 1, conditions: [condition('Complete', 'True')] };
const failure = { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded', 'too many')] };

const rows: Row[] = [
  ['Job that has just been created', job({}), 'progressing', '0 of 1 pods succeeded, 0 running'],
  [
    'Job that runs',
    job({ active: 2, succeeded: 1 }, { completions: 4 }),
    'progressing',
    '1 of 4 pods succeeded, 2 running',
  ],
  [
    'Job that retries',
    job({ active: 1, failed: 2 }, { backoffLimit: 3 }),
    'progressing',
    '2 of at most 4 tries failed',
  ],
  ['Job that has completed', job(complete), 'healthy', 'completed: 1 pod succeeded'],
  [
    'completed Job that is being deleted',
    job(complete, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'healthy',
    'completed',
  ],
  [
    'running Job that is being deleted',
    job({}, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'terminating',
    'deleted',
  ],
  ['Job that has failed', job(failure), 'failed', 'BackoffLimitExceeded: too many'],
  [
    'Job whose Failed condition is not true',
    job({ active: 1, conditions: [condition('Failed', 'False')] }),
    'progressing',
    '1 running',
  ],
  ['Job that is suspended', job({}, { suspend: true }), 'suspended', 'suspended'],
  ['Job suspended after it completed', job(complete, { suspend: true }), 'healthy', 'completed'],
  ['CronJob', object('CronJob', { spec: { schedule: '0 3 * * *' } }), 'healthy', '0 3 * * *'],
  ['CronJob that is suspended', object('CronJob', { spec: { suspend: true } }), 'suspended', 'suspended'],
];

describe('evaluates a', () => {
  test.each(rows)('%s', (_name, live, state, message) => {
    expect(healthOf(live)).toMatchObject({ state, message: expect.stringContaining(message) });
  });

  test('a failed Job is final', () => {
    expect(healthOf(job(failure)).final).toBe(true);
  });
});
