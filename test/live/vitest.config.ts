import { defineConfig } from 'vitest/config';

// The suites of real services, which the configuration of the repository leaves out.
const conditions = ['@holodeck/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ['**/*.test.ts'], pool: 'forks', maxWorkers: 1, hookTimeout: 600_000 },
});
