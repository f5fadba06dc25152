import { isRecord } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { say } from './comfyui-messages.ts';
import type { ModelFile } from './workflow/model-choice.ts';
import type { AskedServer } from './workflow/workflow-plan.ts';

type Details = Readonly<Record<string, string | number | boolean>>;

/** What was found, and what stays open. */
export interface LoadReport {
  readonly proves: readonly Message[];
  readonly doesNotProve: readonly Message[];
  readonly details: Details;
}

/** Finished jobs whose time is looked at. */
const recentJobs = 20;

/** How many jobs come before a new one, and how long each takes by the last ones that ended well. */
export async function probeQueue(server: AskedServer, signal: AbortSignal): Promise<LoadReport> {
  const [prompt, jobs] = await Promise.all([
    ask(server, '/prompt', signal),
    ask(server, `/api/jobs?status=completed&limit=${recentJobs}&sort_order=desc`, signal),
  ]);
  const info = isRecord(prompt) ? prompt['exec_info'] : undefined;
  const count = isRecord(info) ? info['queue_remaining'] : undefined;
  if (typeof count !== 'number') {
    return { proves: [], doesNotProve: [say('unproved-queue')], details: {} };
  }
  const jobMs = typicalMs(jobs);
  const said =
    count === 0
      ? say('queue-empty')
      : jobMs === undefined
        ? say('queue-length', { count })
        : say('queue-estimate', { count, each: seconds(jobMs), whole: seconds(jobMs * count) });
  return {
    proves: [said],
    doesNotProve: [],
    details: { queueLength: count, ...(jobMs === undefined ? {} : { typicalJobMs: Math.round(jobMs) }) },
  };
}

/** What a server answers, or undefined: a server draws also when it cannot tell how busy it is. */
async function ask({ http }: AskedServer, path: string, signal: AbortSignal): Promise<unknown> {
  try {
    const { status, json } = await http.request(path, { signal });
    return status === 200 ? json : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function typicalMs(answer: unknown): number | undefined {
  const jobs: readonly unknown[] = isRecord(answer) && Array.isArray(answer['jobs']) ? answer['jobs'] : [];
  const times = jobs
    .filter(isRecord)
    .map((job) => Number(job['execution_end_time']) - Number(job['execution_start_time']))
    .filter((ms) => ms >= 0)
    .sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}

function seconds(ms: number): string {
  return ms < 10_000 ? (ms / 1000).toFixed(1) : (ms / 1000).toFixed(0);
}

/** The device of a server, from `/system_stats`. A server without a graphics card draws in its RAM. */
export interface Device {
  readonly inRam: boolean;
  readonly totalBytes?: number;
  readonly details: Details;
}

/** Reads the first device that `/system_stats` lists. */
export function readDevice(stats: unknown): Device {
  const devices: readonly unknown[] = isRecord(stats) && Array.isArray(stats['devices']) ? stats['devices'] : [];
  const [first] = devices;
  if (!isRecord(first)) {
    return { inRam: false, details: {} };
  }
  const { name, type, vram_free: free, vram_total: total } = first;
  const inRam = type === 'cpu';
  return {
    inRam,
    ...(typeof total === 'number' ? { totalBytes: total } : {}),
    details: {
      ...(typeof name === 'string' ? { device: name } : {}),
      ...(typeof free === 'number' ? { [inRam ? 'ramFreeBytes' : 'vramFreeBytes']: free } : {}),
    },
  };
}

/** Compares the memory of a device with the sizes of the files that one graph loads. */
export async function probeMemory(
  server: AskedServer,
  { inRam, totalBytes }: Device,
  graphs: readonly (readonly ModelFile[])[],
  signal: AbortSignal,
): Promise<LoadReport> {
  const sizes = new Map<string, number>();
  const folders = new Set(graphs.flat().map(({ folder }) => folder));
  await Promise.all(
    [...folders].map(async (folder) => {
      const found = await ask(server, `/experiment/models/${folder}`, signal);
      for (const file of Array.isArray(found) ? found : []) {
        if (isRecord(file) && typeof file['size'] === 'number') {
          sizes.set(`${folder}/${String(file['name'])}`, file['size']);
        }
      }
    }),
  );
  const modelBytes = Math.max(
    ...graphs.map((files) => files.reduce((sum, { folder, name }) => sum + (sizes.get(`${folder}/${name}`) ?? NaN), 0)),
  );
  if (totalBytes === undefined || Number.isNaN(modelBytes)) {
    return { proves: [], doesNotProve: [say(inRam ? 'unproved-ram' : 'unproved-memory')], details: {} };
  }
  const amounts = { files: gigabytes(modelBytes), memory: gigabytes(totalBytes) };
  const details = { modelBytes };
  return modelBytes < totalBytes
    ? { proves: [say(inRam ? 'ram-holds' : 'memory-holds', amounts)], doesNotProve: [], details }
    : { proves: [], doesNotProve: [say(inRam ? 'ram-short' : 'memory-short', amounts)], details };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
