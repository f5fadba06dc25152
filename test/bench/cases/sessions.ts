import type { SessionFigures, SessionPlan } from '../sessions/worker.ts';
import { startService } from '../peers/measure.ts';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import { runWorker } from '../support/run-worker.ts';
import { median } from '../support/statistics.ts';

const kinds: readonly SessionPlan['kind'][] = ['images', 'session', 'session with cards'];
const labels: Readonly<Record<SessionPlan['kind'], string>> = {
  images: 'the 9 images with the client',
  session: 'a session with these images',
  'session with cards': 'a session that cuts out its cards',
};

/** What a session costs beside the sum of its images. */
export async function measureSessions(rounds: number): Promise<BenchTable> {
  const runs: Record<SessionPlan['kind'], SessionFigures[]> = { images: [], session: [], 'session with cards': [] };
  const { address, stop } = await startService('comfyui', { jobMs: 0 });
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
        const plan: SessionPlan = { url: address.url, kind };
        runs[kind].push(await runWorker('sessions/worker.ts', [JSON.stringify(plan)]));
      }
    }
  } finally {
    stop();
  }
  const warmCpu = (kind: SessionPlan['kind']): readonly number[] => runs[kind].map(({ warm }) => warm.cpuMs);
  return {
    title: 'Sessions',
    note: `A scene and 8 objects of 1024 pixels from a ComfyUI emulator that takes no time; ${rounds} rounds in alternating order, each in a fresh process, which makes a first scene to load and compile code, and then the one that counts. Aim with cards: 2000 ms.`,
    header: ['what', 'CPU ms', 'x images', 'first, CPU ms', 'wall ms', 'loop p99 ms', 'longest block ms'],
    rows: kinds.map((kind) => [
      labels[kind],
      spread(warmCpu(kind), 0),
      (median(warmCpu(kind)) / median(warmCpu('images'))).toFixed(2),
      spread(
        runs[kind].map(({ first }) => first.cpuMs),
        0,
      ),
      spread(
        runs[kind].map(({ warm }) => warm.wallMs),
        0,
      ),
      spread(
        runs[kind].map(({ warm }) => warm.loopP99Ms),
        1,
      ),
      spread(
        runs[kind].map(({ warm }) => warm.loopMaxMs),
        1,
      ),
    ]),
    figures: runs,
  };
}
