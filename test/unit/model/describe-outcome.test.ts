import { describe, expect, it } from 'vitest';
import { describeOutcome, hintOf, type Outcome } from '../../../src/model/describe-outcome.ts';

const failure = { code: 'CLUSTER_BUSY', summary: 'the API server asked for a pause', hint: 'Wait.' };

describe('what a release says', () => {
  it.each<[string, Outcome, string | undefined]>([
    ['nothing if it has nothing to say', { state: 'succeeded' }, undefined],
    ['its failure', { state: 'failed', failure }, 'the API server asked for a pause'],
    [
      'that it retries while it is open',
      { state: 'applying', failure },
      'retrying: the API server asked for a pause',
    ],
    [
      'all of its notices',
      {
        state: 'succeeded',
        notices: [
          { kind: 'removed', summary: 'no longer in slipway.yaml' },
          { kind: 'kept', summary: '1 object' },
        ],
      },
      'no longer in slipway.yaml; kept: 1 object',
    ],
    [
      'which commit supersedes it',
      { state: 'superseded', supersededBy: 'd'.repeat(40) },
      `superseded by ${'d'.repeat(12)}`,
    ],
    [
      'that an unknown commit supersedes it',
      { state: 'superseded', failure },
      'superseded by a newer commit',
    ],
  ])('is %s', (_name, outcome, expected) => {
    expect(describeOutcome(outcome)).toBe(expected);
  });

  it.each(['applying', 'failed'] as const)('fits into its budget while %s', (state) => {
    const long = { code: 'INTERNAL', summary: 'x'.repeat(100) };
    expect(describeOutcome({ state, failure: long }, 50)).toMatch(/^(retrying: )?x+…$/);
    expect(describeOutcome({ state, failure: long }, 50)).toHaveLength(50);
  });

  it('cuts notices at the budget', () => {
    const notices = [{ kind: 'waiting', summary: 'x'.repeat(100) }];
    expect(describeOutcome({ state: 'blocked', notices }, 50)).toBe(`${'x'.repeat(49)}…`);
  });
});

describe('the next step of a release', () => {
  it('is that of its failure, else the first of its notices', () => {
    const notices = [
      { kind: 'removed', summary: 'gone' },
      { kind: 'kept', summary: 'kept', hint: 'Delete it.' },
    ];
    expect(hintOf({ state: 'failed', failure, notices })).toBe('Wait.');
    expect(hintOf({ state: 'succeeded', notices })).toBe('Delete it.');
    expect(hintOf({ state: 'succeeded' })).toBeUndefined();
  });
});
