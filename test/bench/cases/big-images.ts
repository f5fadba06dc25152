import { measure, startService } from '../peers/measure.ts';
import type { Measurement } from '../peers/plan.ts';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';

const clients = ['@holodeck/openai', 'openai', 'ai + @ai-sdk/openai'];

/** Peak memory of OpenAI images of 10 MB, one and four at once. */
export async function measureBigImages(rounds: number): Promise<BenchTable> {
  const service = await startService('openai', { imageMs: 0 });
  const rows: string[][] = [];
  const figures: Record<string, readonly Measurement[]> = {};
  try {
    for (const width of [1, 4]) {
      const found = new Map<string, Measurement[]>(clients.map((client) => [client, []]));
      for (let round = 0; round < rounds; round += 1) {
        for (const client of round % 2 === 0 ? clients : clients.toReversed()) {
          const plan = {
            service: service.address,
            tasks: width,
            warmUps: 1,
            width,
            size: '64x64',
            files: true,
            jobMs: 0,
          };
          await service.set({ imageBytes: null });
          const grow = (): Promise<void> => service.set({ imageBytes: 10_000_000 });
          found.get(client)?.push(await measure('openai', client, plan, grow));
        }
      }
      for (const [client, runs] of found) {
        figures[`${width} at once, ${client}`] = runs;
        rows.push([
          String(width),
          client,
          spread(
            runs.map(({ peakMb }) => peakMb),
            0,
          ),
          spread(
            runs.map(({ loopP99Ms }) => loopP99Ms),
            0,
          ),
        ]);
      }
    }
  } finally {
    service.stop();
  }
  return {
    title: 'Memory of 10 MB answers',
    note: `Highest resident memory (VmHWM) less that after construction and one small image; ${rounds} rounds. Aims: 40 MB for one, 60 MB for four at once.`,
    header: ['at once', 'client', 'peak MB', 'loop p99 ms'],
    rows,
    figures,
  };
}
