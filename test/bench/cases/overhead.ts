import { measure, startService } from '../peers/measure.ts';
import type { ServiceName } from '../peers/measure.ts';
import type { Measurement } from '../peers/plan.ts';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import { median } from '../support/statistics.ts';

const contestants: Readonly<Record<ServiceName, readonly string[]>> = {
  openai: ['@holodeck/openai', 'openai', 'openai + fsync', 'ai + @ai-sdk/openai'],
  hunyuan: ['@holodeck/hunyuan', 'tencentcloud-sdk-nodejs-common', 'tencentcloud-sdk-nodejs-common + fsync'],
  comfyui: [
    '@holodeck/comfyui',
    'bare socket',
    'bare socket + fsync',
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
/** Peers that hang on jobs without a duration get only a few, because each hang takes five seconds. */
const hanging = new Set(['@saintno/comfyui-sdk', 'comfy-ui-client']);
interface Picture {
  readonly name: string;
  readonly size: string;
  readonly settings: Readonly<Record<string, unknown>>;
}
const tiny: Picture = { name: '64 px', size: '64x64', settings: {} };
/** OpenAI's default profile, with pictures of its usual size. */
const openaiService = { server: 'openai' };
const pictures: Readonly<Record<ServiceName, readonly Picture[]>> = {
  openai: [
    tiny,
    { name: '16 KB', size: '1024x1024', settings: { ...openaiService, imageBytes: 16_000 } },
    { name: '1 MB', size: '1024x1024', settings: { ...openaiService, imageBytes: 1_000_000 } },
  ],
  hunyuan: [
    { ...tiny, size: '1024x1024' },
    { name: '1 MB', size: '1024x1024', settings: { imageBytes: 1_000_000 } },
  ],
  comfyui: [tiny, { name: '1 MB', size: '64x64', settings: { imageBytes: 1_000_000 } }],
};

/** Processor time, throughput and memory per task, with files on disk and our store. */
export async function measureOverhead(service: ServiceName, rounds: number): Promise<BenchTable> {
  const rows: string[][] = [];
  const figures: Record<string, readonly Measurement[]> = {};
  for (const image of pictures[service]) {
    const found = await runInTurn(service, image, rounds);
    const cpuOf = (name: string): number => median((found.get(name) ?? []).map(({ cpuMs }) => cpuMs));
    const [base, durable] = [cpuOf(bare[service]), cpuOf(`${bare[service]} + fsync`)];
    for (const [contestant, runs] of found) {
      figures[`${service}, ${image.name}, ${contestant}`] = runs;
      const hangs = runs.reduce((sum, run) => sum + run.hangs, 0);
      const cpu = runs.map(({ cpuMs }) => cpuMs);
      rows.push([
        service,
        image.name,
        contestant,
        spread(cpu, 2),
        spread(
          runs.flatMap(({ coldCpuMs }) => coldCpuMs ?? []),
          0,
        ),
        (median(cpu) / base).toFixed(2),
        (median(cpu) / durable).toFixed(2),
        hangs > 0
          ? `${hangs} hung`
          : spread(
              runs.map(({ perSecond }) => perSecond),
              0,
            ),
        spread(
          runs.map(({ loopP99Ms }) => loopP99Ms),
          0,
        ),
        spread(
          runs.map(({ peakMb }) => peakMb),
          0,
        ),
      ]);
    }
  }
  return {
    title: `Overhead per task: ${service}`,
    note:
      `Processor time of the whole process per task, tasks a second, and the highest memory above that before; ${rounds} rounds, ` +
      'each contestant in a fresh process, in alternating order: median (lowest-highest). The first task loads and compiles code; all other figures are of a warm process. The clients that hang have one round, with small images only. All write checked files; ours also keeps its store and syncs files and folders. Hunyuan: 20 jobs of 300 ms at once; the bare loop asks every second, and ours keeps to 20 submissions a second; the program that measures polling, which waits most of the time, runs beside it.',
    header: [
      'service',
      'image',
      'client',
      'CPU ms',
      'first task, CPU ms',
      'x bare',
      'x + fsync',
      'tasks/s',
      'loop p99 ms',
      'peak MB',
    ],
    rows,
    figures,
  };
}

async function runInTurn(
  service: ServiceName,
  { settings, size }: Picture,
  rounds: number,
): Promise<Map<string, Measurement[]>> {
  const jobs = service === 'hunyuan';
  const isTiny = settings['imageBytes'] === undefined;
  const own = jobs ? { jobMs: 300, limit: 20, outputSize: { width: 64, height: 64 } } : { imageMs: 0 };
  const { address, stop } = await startService(service, { ...(service === 'comfyui' ? {} : own), ...settings });
  const found = new Map<string, Measurement[]>();
  try {
    for (let round = 0; round < rounds; round += 1) {
      // Each comes first as often as last.
      const order = round % 2 === 0 ? contestants[service] : contestants[service].toReversed();
      for (const contestant of order) {
        if (hanging.has(contestant) && (round > 0 || !isTiny)) continue;
        const tasks = hanging.has(contestant) ? 4 : jobs ? 60 : isTiny ? 200 : 100;
        const run = await measure(service, contestant, {
          service: address,
          tasks,
          warmUps: hanging.has(contestant) ? 0 : jobs ? 20 : isTiny ? 100 : 60,
          width: jobs ? 20 : 8,
          size,
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
