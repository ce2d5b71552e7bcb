import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTally } from '../../support/tally.ts';

const brokenFile = { status: 'failed', assertionResults: [] };
const fileWithFailure = { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] };

test.each([
  { what: 'a good run', passed: 3, failed: 0, files: [], exitCode: 0, expected: { passed: 3, failed: 0 } },
  {
    what: 'a failed test',
    passed: 2,
    failed: 1,
    files: [fileWithFailure],
    exitCode: 1,
    expected: { passed: 2, failed: 1 },
  },
  {
    what: 'a file that cannot be loaded',
    passed: 2,
    failed: 0,
    files: [brokenFile],
    exitCode: 1,
    expected: { passed: 2, failed: 1 },
  },
  {
    what: 'an error outside of tests',
    passed: 2,
    failed: 0,
    files: [],
    exitCode: 1,
    expected: { passed: 2, failed: 1 },
  },
])('$what is counted', async ({ passed, failed, files, exitCode, expected }) => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-tally-'));
  const file = join(dir, 'report.json');
  await writeFile(
    file,
    JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults: files }),
  );

  const tally = await readTally(file, exitCode);

  await rm(dir, { recursive: true });
  expect(tally).toEqual(expected);
});

test('a report that was never written is a failure', async () => {
  expect(await readTally('/nonexistent/report.json', 0)).toEqual({ passed: 0, failed: 1 });
});
