import { defineConfig } from 'vitest/config';

const SECOND = 1000;

/** One project a kind of test; only those in test/unit run without the sandbox. */
const projects = [
  { name: 'unit', timeoutMs: 20 * SECOND },
  { name: 'contract', timeoutMs: 30 * SECOND },
  { name: 'integration', timeoutMs: 60 * SECOND },
  { name: 'e2e', timeoutMs: 120 * SECOND },
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
        testTimeout: timeoutMs,
        hookTimeout: timeoutMs,
        // A condition that is waited for may take as long as the test: only what never comes true is a failure.
        expect: { poll: { timeout: timeoutMs / 2, interval: 50 } },
      },
    })),
  },
});
