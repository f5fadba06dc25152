import { defineConfig } from 'vitest/config';

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
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './scripts/summary-reporter.ts'],
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'json-summary', 'lcov'],
      include: ['packages/*/src/**', 'apps/*/src/**'],
    },
  },
});
