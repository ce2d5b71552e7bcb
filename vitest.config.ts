import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './sandbox/until.ts';

const SECOND = 1000;
const CORES = availableParallelism();

/** Unit tests compute. All others mostly wait (for health, locks, back-offs), so several files share a core. */
const computing = { maxWorkers: CORES, sequence: { groupOrder: 0 } };
const waiting = { maxWorkers: 3 * CORES, sequence: { groupOrder: 1 } };

/**
 * One project a kind of test; only those in test/unit run without the sandbox. A timeout only ends what hangs: on a
 * machine that has twenty times as much to do as it can, a test takes twenty times as long and is still right.
 */
const projects = [
  { name: 'unit', timeoutMs: 60 * SECOND, workers: computing },
  { name: 'contract', timeoutMs: 300 * SECOND, workers: waiting },
  { name: 'integration', timeoutMs: 400 * SECOND, workers: waiting },
  { name: 'e2e', timeoutMs: 900 * SECOND, workers: waiting },
];

export default defineConfig({
  test: {
    projects: projects.map(({ name, timeoutMs, workers }) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        pool: 'forks',
        ...workers,
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
