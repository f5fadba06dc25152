import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageClient } from '@holodeck/core';
import { createMemoryStore, openSqliteStore } from '@holodeck/core/stores';
import type { GenerationTask } from '@holodeck/core';
import type { Store } from '@holodeck/core/stores';
import { openRedisStore } from '@holodeck/redis';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import { InstantBackend } from '../../support/instant-backend.ts';
import { startMeasuring } from '../support/process-figures.ts';
import type { ProcessFigures } from '../support/process-figures.ts';
import { startRedis } from '../support/redis-process.ts';

const writes = 1000;
const knownTasks = 2000;

interface StoreFigures {
  readonly rowMs: number;
  readonly lockMs: number;
  /** For all tasks together. */
  readonly resumeMs: number;
  /** The event loop's delay meanwhile. */
  readonly loopP99Ms: number;
}

function tasks(count: number): GenerationTask[] {
  return Array.from({ length: count }, (_, index) => ({
    taskId: `task-${index}`,
    prompt: `object ${index}`,
    size: '64x64',
    outputPath: `${index % 100}/${index}.png`,
  }));
}

/** The five writes of a task. */
async function timeRows(store: Store): Promise<number> {
  const started = performance.now();
  for (let index = 0; index < writes / 5; index += 1) {
    const id = { scope: 'bench', taskId: `row-${index}`, requestHash: 'hash', attempt: 1 };
    const now = Date.now();
    await store.tasks.begin({
      ...id,
      key: randomUUID(),
      state: 'submitting',
      backend: 'instant',
      model: 'instant-1',
      fingerprint: 'instant',
      lane: 'instant/one',
      request: { prompt: 'a row' },
      owner: null,
      createdAtMs: now,
    });
    let revision = (await store.tasks.get(id))?.revision ?? 0;
    for (const state of ['accepted', 'ended', 'received', 'done'] as const) {
      revision = (await store.tasks.update(id, revision, { state }))?.revision ?? revision;
    }
  }
  return (performance.now() - started) / writes;
}

async function timeLock(store: Store): Promise<number> {
  const started = performance.now();
  let revision = 0;
  for (let epoch = 1; epoch <= writes; epoch += 1) {
    const next = { sessionId: 'bench', state: 'locked' as const, epoch, backend: 'instant', data: {} };
    revision = (await store.sessions.compareAndSet(revision, next))?.revision ?? revision;
  }
  return (performance.now() - started) / writes;
}

/** The same batch again: every task is known, and its file is checked. */
async function timeResume(store: Store, folder: string): Promise<ProcessFigures> {
  const run = async (): Promise<ProcessFigures> => {
    const measured = startMeasuring();
    const client = new ImageClient(new InstantBackend(), { outputDir: folder, stateDir: folder, store });
    for (const result of await client.generateBatch(tasks(knownTasks))) {
      if (!result.success) throw result.error;
    }
    await client.close();
    return measured();
  };
  await run();
  return run();
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureStore(open: (folder: string) => Promise<Store> | Store): Promise<StoreFigures> {
  return withFolder(async (folder) => {
    const store = await open(folder);
    try {
      const [rowMs, lockMs] = [await timeRows(store), await timeLock(store)];
      const { wallMs: resumeMs, loopP99Ms } = await timeResume(store, folder);
      return { rowMs, lockMs, resumeMs, loopP99Ms };
    } finally {
      await store.close();
    }
  });
}

/** Writing a row, writing a lock, and a batch of finished tasks. */
export async function measureStores(rounds: number): Promise<BenchTable> {
  const redis = await startRedis();
  const stores: readonly (readonly [string, (folder: string) => Promise<Store> | Store])[] = [
    ['memory', () => createMemoryStore()],
    ['SQLite', (folder) => openSqliteStore({ folder, stateDir: folder })],
    ...(redis === undefined
      ? []
      : [['Redis', () => openRedisStore({ url: redis.url, prefix: randomUUID() })] as const]),
  ];
  const figures: Record<string, StoreFigures[]> = {};
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, open] of round % 2 === 0 ? stores : stores.toReversed())
        (figures[name] ??= []).push(await measureStore(open));
    }
  } finally {
    redis?.stop();
  }
  return {
    title: 'Stores',
    note: `A write of a task's row, a write of a session's lock, and the same batch of ${knownTasks} done tasks again, its files looked at; ${rounds} rounds.${redis === undefined ? ' There is no redis-server here.' : ''}`,
    header: ['store', 'row ms', 'lock ms', `${knownTasks} known tasks, ms`, 'loop p99 ms'],
    rows: Object.entries(figures).map(([name, runs]) => [
      name,
      spread(
        runs.map(({ rowMs }) => rowMs),
        3,
      ),
      spread(
        runs.map(({ lockMs }) => lockMs),
        3,
      ),
      spread(
        runs.map(({ resumeMs }) => resumeMs),
        0,
      ),
      spread(
        runs.map(({ loopP99Ms }) => loopP99Ms),
        1,
      ),
    ]),
    figures,
  };
}
