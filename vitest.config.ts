import { defineConfig } from 'vitest/config';

import { LongestFirst } from './scripts/support/longest-first.ts';

// Tests run against the sources: workspace packages resolve through this export condition.
const conditions = ['@holodeck/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/live/**'],
    // Emulators draw cheaply, except where a test looks at their pictures.
    env: { HOLODECK_EMULATOR_PICTURES: 'plain' },
    pool: 'forks',
    // A process runs many files: most of the time of a short one went into its start. Tests leave nothing behind in it.
    isolate: false,
    // Tests wait more than they compute.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    globalSetup: [
      './test/support/run-folder.ts',
      './test/support/compile-cache.ts',
      './test/support/command-line.ts',
      './test/support/packages.ts',
    ],
    setupFiles: ['./test/support/card-threads.ts'],
    // Only ends what hangs, also on a machine that is ten times too busy. No test has a bound of its own.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    teardownTimeout: 60_000,
    reporters: ['default', './scripts/summary-reporter.ts'],
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'json-summary', 'lcov'],
      include: ['packages/*/src/**', 'apps/*/src/**'],
    },
  },
});
