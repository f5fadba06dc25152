import { measure, startService } from '../peers/measure.ts';
import type { ServiceName } from '../peers/measure.ts';
import type { Measurement } from '../peers/plan.ts';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import { median } from '../support/statistics.ts';

const contestants: Readonly<Record<ServiceName, readonly string[]>> = {
  openai: ['@holodeck/openai', 'openai', 'ai + @ai-sdk/openai'],
  hunyuan: ['@holodeck/hunyuan', 'tencentcloud-sdk-nodejs-common'],
  comfyui: [
    '@holodeck/comfyui',
    'bare socket',
    '@stable-canvas/comfyui-client enqueue',
    'comfy-ui-client',
    '@saintno/comfyui-sdk',
  ],
};
/** The baseline: an SDK or a socket, and what a careful caller adds. */
const bare: Readonly<Record<ServiceName, string>> = {
  openai: 'openai',
  hunyuan: 'tencentcloud-sdk-nodejs-common',
  comfyui: 'bare socket',
};
/** Peers that hang on jobs without a duration get only a few, because each hang takes ten seconds. */
const hanging = new Set(['@saintno/comfyui-sdk', 'comfy-ui-client']);
const images = [
  { name: '64 px', settings: {} },
  { name: '1 MB', settings: { imageBytes: 1_000_000 } },
];

/** Processor time, throughput and memory per task, with files on disk and our store. */
export async function measureOverhead(rounds: number): Promise<BenchTable> {
  const rows: string[][] = [];
  const figures: Record<string, readonly Measurement[]> = {};
  for (const service of ['openai', 'hunyuan', 'comfyui'] as const) {
    for (const image of images) {
      const found = await runInTurn(service, image.settings, rounds);
      const base = median((found.get(bare[service]) ?? []).map(({ cpuMs }) => cpuMs));
      for (const [contestant, runs] of found) {
        figures[`${service}, ${image.name}, ${contestant}`] = runs;
        const hangs = runs.reduce((sum, run) => sum + run.hangs, 0);
        const cpu = runs.map(({ cpuMs }) => cpuMs);
        rows.push([
          service,
          image.name,
          contestant,
          spread(cpu, 2),
          (median(cpu) / base).toFixed(2),
          hangs > 0
            ? `${hangs} hung`
            : spread(
                runs.map(({ perSecond }) => perSecond),
                0,
              ),
          spread(
            runs.map(({ peakMb }) => peakMb),
            0,
          ),
        ]);
      }
    }
  }
  return {
    title: 'Overhead per task',
    note:
      `Processor time of the whole process per task, tasks a second, and the highest memory above that before; ${rounds} rounds, ` +
      'each contestant in a fresh process: median (lowest-highest). All write checked files; ours also keeps its store and syncs files and folders. Hunyuan: 20 jobs of 300 ms at once; the bare loop asks every second, and ours keeps to 20 submissions a second.',
    header: ['service', 'image', 'client', 'CPU ms', 'x bare', 'tasks/s', 'peak MB'],
    rows,
    figures,
  };
}

async function runInTurn(
  service: ServiceName,
  settings: Readonly<Record<string, unknown>>,
  rounds: number,
): Promise<Map<string, Measurement[]>> {
  const jobs = service === 'hunyuan';
  const own = jobs ? { jobMs: 300, limit: 20, outputSize: { width: 64, height: 64 } } : { imageMs: 0 };
  const { address, stop } = await startService(service, { ...(service === 'comfyui' ? {} : own), ...settings });
  const found = new Map<string, Measurement[]>();
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of contestants[service]) {
        const tasks = hanging.has(contestant) ? 4 : jobs ? 100 : 200;
        const run = await measure(service, contestant, {
          service: address,
          tasks,
          warmUps: hanging.has(contestant) ? 0 : jobs ? 40 : 100,
          width: jobs ? 20 : 4,
          size: jobs ? '1024x1024' : '64x64',
          files: true,
          jobMs: jobs ? 300 : 0,
        });
        found.set(contestant, [...(found.get(contestant) ?? []), run]);
      }
    }
  } finally {
    stop();
  }
  return found;
}
