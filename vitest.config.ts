import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './sandbox/until.ts';

const SECOND = 1000;

/**
 * One project a kind of test; only those in test/unit run without the sandbox. A timeout only ends what hangs: on a
 * machine that has twenty times as much to do as it can, a test takes twenty times as long and is still right.
 */
const projects = [
  { name: 'unit', timeoutMs: 60 * SECOND },
  { name: 'contract', timeoutMs: 300 * SECOND },
  { name: 'integration', timeoutMs: 400 * SECOND },
  { name: 'e2e', timeoutMs: 900 * SECOND },
];

export default defineConfig({
  test: {
    // Two cores carry the tests and, beside them, a control plane.
    maxWorkers: 2,
    projects: projects.map(({ name, timeoutMs }) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        pool: 'forks',
        ...(name === 'e2e' ? { setupFiles: ['test/support/show-logs.ts'] } : {}),
        testTimeout: timeoutMs,
        hookTimeout: timeoutMs,
        teardownTimeout: 60 * SECOND,
        // What is waited for comes within this time or not at all; below the test's own, so that it is named.
        expect: { poll: { timeout: Math.min(timeoutMs / 2, PATIENCE_MS) } },
      },
    })),
  },
});
