import { measure, startService } from '../peers/measure.ts';
import type { Measurement } from '../peers/plan.ts';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import { median, quantile } from '../support/statistics.ts';

const clients = [
  'bare socket',
  '@holodeck/comfyui',
  '@stable-canvas/comfyui-client enqueue',
  'comfy-ui-client',
  '@saintno/comfyui-sdk',
];
/** For the clients that hang, because each hang takes five seconds. */
const hangingTasks = 2;
const plain = { size: '64x64', files: false, jobMs: 0 };

/** From the call until we have the bytes: one after the other, and fifty at once. Hangs are counted separately. */
export async function measureComfyUILatency(rounds: number): Promise<BenchTable> {
  const { address, stop } = await startService('comfyui', {});
  const single = new Map<string, Measurement[]>(clients.map((client) => [client, []]));
  const fifty = new Map<string, Measurement[]>(clients.map((client) => [client, []]));
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const client of round % 2 === 0 ? clients : clients.toReversed()) {
        const hangs = client === '@saintno/comfyui-sdk' || client === 'comfy-ui-client';
        if (hangs && round > 0) continue;
        const warmUps = hangs ? 1 : 20;
        const one = { ...plain, service: address, tasks: hangs ? hangingTasks : 60, warmUps, width: 1 };
        single.get(client)?.push(await measure('comfyui', client, one));
        fifty.get(client)?.push(await measure('comfyui', client, { ...one, tasks: 50, warmUps, width: 50 }));
      }
    }
  } finally {
    stop();
  }
  const p50 = (runs: readonly Measurement[] = []): number =>
    median(runs.flatMap((run) => run.latenciesMs).concat(Infinity));
  const base = p50(single.get('bare socket'));
  const rows = clients.map((client) => {
    const [one = [], many = []] = [single.get(client), fifty.get(client)];
    const latencies = one.flatMap((run) => run.latenciesMs);
    const hung = [one, many].map((runs) => runs.reduce((sum, run) => sum + run.hangs, 0));
    const whole = many.filter(({ hangs }) => hangs === 0);
    return [
      client,
      latencies.length === 0 ? '-' : median(latencies).toFixed(1),
      latencies.length === 0 ? '-' : quantile(latencies, 0.95).toFixed(1),
      latencies.length === 0 ? '-' : (median(latencies) / base).toFixed(2),
      spread(
        whole.map(({ wallMs }) => wallMs),
        0,
      ),
      spread(
        [...one, ...many].map(({ loopP99Ms }) => loopP99Ms),
        0,
      ),
      hung.some((count) => count > 0)
        ? `${hung[0]} of ${hangingTasks * one.length}; ${hung[1]} of ${50 * many.length}`
        : 'none',
    ];
  });
  return {
    title: 'ComfyUI: until the bytes are in hand',
    note: `A trivial job, one after the other and 50 at once; milliseconds, ${rounds} rounds; one for the clients that hang. A call that had not ended after 5 s counts as hung.`,
    header: ['client', 'p50', 'p95', 'x bare', '50 at once, all', 'loop p99 ms', 'hung (single; 50)'],
    rows,
    figures: { single: Object.fromEntries(single), fifty: Object.fromEntries(fifty) },
  };
}
