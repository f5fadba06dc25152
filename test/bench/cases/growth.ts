import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageClient } from '@holodeck/core';
import { createMemoryStore } from '@holodeck/core/stores';
import type { GenerationTask } from '@holodeck/core';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import { fittedExponent } from '../support/fitted-exponent.ts';
import { InstantBackend } from '../../support/instant-backend.ts';
import { startMeasuring } from '../support/process-figures.ts';
import type { ProcessFigures } from '../support/process-figures.ts';
import { median } from '../support/statistics.ts';

const sizes = [200, 800, 3200];

function* tasks(count: number): Generator<GenerationTask> {
  for (let index = 0; index < count; index += 1) {
    yield {
      taskId: `task-${index}`,
      prompt: `object ${index}`,
      size: '64x64',
      outputPath: `${index % 100}/${index}.png`,
    };
  }
}

/** How one client's work grows with its size. */
interface GrowthCase {
  readonly name: string;
  readonly run: (client: ImageClient, count: number) => Promise<void>;
  readonly inMemory: boolean;
  /** Runs the same work once before, untimed. */
  readonly again: boolean;
}

async function stream(client: ImageClient, count: number): Promise<void> {
  for await (const result of client.generateStream(tasks(count))) if (!result.success) throw result.error;
}

async function batch(client: ImageClient, count: number): Promise<void> {
  for (const result of await client.generateBatch([...tasks(count)])) if (!result.success) throw result.error;
}

const cases: readonly GrowthCase[] = [
  { name: 'generateStream, memory', run: stream, inMemory: true, again: false },
  { name: 'generateStream, SQLite', run: stream, inMemory: false, again: false },
  { name: 'generateBatch, SQLite', run: batch, inMemory: false, again: false },
  { name: 'generateBatch again, SQLite', run: batch, inMemory: false, again: true },
];

async function timeOnce({ run, inMemory, again }: GrowthCase, count: number): Promise<ProcessFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-bench-'));
  try {
    const open = (): ImageClient =>
      new ImageClient(new InstantBackend(), {
        outputDir: folder,
        stateDir: folder,
        ...(inMemory ? { store: createMemoryStore() } : {}),
      });
    if (again) {
      const before = open();
      await run(before, count);
      await before.close();
    }
    const measured = startMeasuring();
    const client = open();
    await run(client, count);
    await client.close();
    return measured();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Time over three sizes, with the exponent that fits best: 1 is linear. */
export async function measureGrowth(rounds: number): Promise<BenchTable> {
  const figures: Record<string, Record<string, ProcessFigures[]>> = {};
  await timeOnce(cases[1] as GrowthCase, 200);
  for (let round = 0; round < rounds; round += 1) {
    for (const each of round % 2 === 0 ? cases : cases.toReversed()) {
      const times = (figures[each.name] ??= {});
      for (const size of sizes) (times[size] ??= []).push(await timeOnce(each, size));
    }
  }
  return {
    title: 'Growth',
    note: `Tasks of a provider that takes no time, files on disk; milliseconds, ${rounds} rounds, and the exponent that fits.`,
    header: ['work', ...sizes.map((size) => `${size} tasks`), 'exponent', `loop p99 ms, ${sizes.at(-1)} tasks`],
    rows: cases.map(({ name }) => {
      const of = (size: number, figure: (run: ProcessFigures) => number): readonly number[] =>
        (figures[name]?.[size] ?? []).map(figure);
      const times = (size: number): readonly number[] => of(size, ({ wallMs }) => wallMs);
      const points = sizes.map((size) => ({ size, time: median(times(size)) }));
      return [
        name,
        ...sizes.map((size) => spread(times(size), 0)),
        fittedExponent(points).toFixed(2),
        spread(
          of(sizes.at(-1) as number, ({ loopP99Ms }) => loopP99Ms),
          1,
        ),
      ];
    }),
    figures,
  };
}
