import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryPermits, createMemoryStore, openSqlitePermits, openSqliteStore } from '@holodeck/core/stores';
import { describePermitStore, describeStore } from '@holodeck/conformance';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withPackages } from '../../../../test/support/packages.ts';

const runner = { describe, expect, it };

beforeAll(() => {
  // For the processes of the suites.
  vi.stubEnv('NODE_OPTIONS', withPackages.join(' '));
});
afterAll(() => {
  vi.unstubAllEnvs();
});

describeStore({
  name: 'memory',
  runner,
  acrossProcesses: false,
  async createHarness() {
    const store = createMemoryStore();
    return { open: async () => store, dispose: async () => {} };
  },
});

describeStore({
  name: 'SQLite',
  runner,
  acrossProcesses: true,
  async createHarness() {
    const folder = await mkdtemp(join(tmpdir(), 'holodeck-store-'));
    return {
      open: () => openSqliteStore({ folder, environment: {} }),
      remote: { module: '@holodeck/core/stores', open: 'openSqliteStore', argument: { folder, environment: {} } },
      dispose: () => rm(folder, { recursive: true }),
    };
  },
});

describePermitStore({
  name: 'memory',
  runner,
  reach: 'process',
  async createHarness() {
    const permits = createMemoryPermits();
    return { open: async () => permits, dispose: async () => {} };
  },
});

describePermitStore({
  name: 'SQLite',
  runner,
  reach: 'machine',
  async createHarness() {
    const directory = await mkdtemp(join(tmpdir(), 'holodeck-permits-'));
    return {
      open: () => openSqlitePermits({ directory }),
      remote: { module: '@holodeck/core/stores', open: 'openSqlitePermits', argument: { directory } },
      dispose: () => rm(directory, { recursive: true }),
    };
  },
});
