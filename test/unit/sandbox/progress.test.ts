import { expect, test } from 'vitest';
import { buildProgress, firstWords } from '../../../sandbox/programs/progress.ts';

test.each([
  {
    what: 'a fresh build is estimated from the number of cores',
    state: { total: 3000, startedWith: 0, compiled: 0, seconds: 0, cores: 2 },
    line: 'building: 0 % (0 of 3000 packages), about 9 min left',
  },
  {
    what: 'a running build is estimated from its own speed',
    state: { total: 3000, startedWith: 0, compiled: 1500, seconds: 600, cores: 2 },
    line: 'building: 50 % (1500 of 3000 packages), about 10 min left',
  },
  {
    what: 'a resumed build counts what it had, but not as its speed',
    state: { total: 3000, startedWith: 1500, compiled: 2250, seconds: 60, cores: 2 },
    line: 'building: 75 % (2250 of 3000 packages), about 1 min left',
  },
  {
    what: 'the end is at least some seconds away',
    state: { total: 3000, startedWith: 0, compiled: 3000, seconds: 600, cores: 2 },
    line: 'building: 100 % (3000 of 3000 packages), about 10 s left',
  },
])('$what', ({ state, line }) => {
  expect(buildProgress(state)).toBe(line);
});

test('the first start says what is missing, where it is kept and how long each way takes', () => {
  const lines = firstWords(
    [
      { name: 'helm', version: 'v4.3.1' },
      { name: 'kwok', version: 'v0.8.0' },
    ],
    '/cache',
  );

  expect(lines[0]).toContain('/cache lacks helm v4.3.1, kwok v0.8.0.');
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/official releases .* a few minutes/),
    expect.stringMatching(/built with Go: about 6 minutes on two cores/),
  ]);
});
