/**
 * Runs one contestant in this process and sends what it measured: `run-contestant.ts <service> <contestant> <plan as JSON>`.
 * A call that does not end within five seconds counts as a hang.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMeasuring } from '../support/process-figures.ts';
import { becomeWarm } from '../support/run-worker.ts';
import { inPool } from '../support/worker-pool.ts';
import { comfyuiContestants } from './comfyui-contestants.ts';
import type { Contestant } from './contestant.ts';
import { hunyuanContestants } from './hunyuan-contestants.ts';
import { openaiContestants } from './openai-contestants.ts';
import type { Measurement, Plan } from './plan.ts';

const patienceMs = 5000;
const contestants = { openai: openaiContestants, hunyuan: hunyuanContestants, comfyui: comfyuiContestants };

/** A figure of /proc/self/status, in MB. */
function memory(field: 'VmHWM' | 'VmRSS'): number {
  const match = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
}

async function runTimed(contestant: Contestant, index: number, folder: string | undefined): Promise<number | 'hang'> {
  const started = performance.now();
  const file = folder === undefined ? undefined : join(folder, `image-${index}.png`);
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<'hang'>((resolve) => {
    timer = setTimeout(() => resolve('hang'), patienceMs + plan.jobMs);
  });
  const run = contestant.run(`a lamp, number ${index}`, index, file);
  run.catch(() => undefined);
  const end = await Promise.race([run, hang]);
  clearTimeout(timer);
  return end === 'hang' ? 'hang' : performance.now() - started;
}

const [, , service, contestantName = '', json = '{}'] = process.argv;
/** A contestant named so syncs its files. */
const withSync = ' + fsync';
const sync = contestantName.endsWith(withSync);
const name = sync ? contestantName.slice(0, -withSync.length) : contestantName;
const plan = JSON.parse(json) as Plan;
const folder = plan.files ? mkdtempSync(join(tmpdir(), 'holodeck-bench-')) : undefined;
const create = contestants[service as keyof typeof contestants][name];
if (create === undefined) throw new Error(`There is no contestant ${name}.`);
const contestant = await create({ ...plan.service, folder, width: plan.width, size: plan.size, sync });
try {
  let index = 0;
  const created = process.cpuUsage();
  if (plan.warmUps > 0) await runTimed(contestant, index++, folder);
  const cold = process.cpuUsage(created);
  await inPool(Array.from({ length: plan.warmUps - index }), plan.width, () => runTimed(contestant, index++, folder));
  await becomeWarm();
  globalThis.gc?.();
  const residentMb = memory('VmRSS');
  // Resets the highest value so far (proc(5), clear_refs).
  writeFileSync('/proc/self/clear_refs', '5');
  const measured = startMeasuring();
  const ends = await inPool(Array.from({ length: plan.tasks }), plan.width, () =>
    runTimed(contestant, index++, folder),
  );
  const { cpuMs, wallMs, loopP99Ms } = measured();
  const measurement: Measurement = {
    cpuMs: cpuMs / plan.tasks,
    ...(plan.warmUps > 0 ? { coldCpuMs: (cold.user + cold.system) / 1000 } : {}),
    perSecond: (plan.tasks * 1000) / wallMs,
    wallMs,
    loopP99Ms,
    peakMb: memory('VmHWM') - residentMb,
    latenciesMs: ends.filter((end) => end !== 'hang'),
    hangs: ends.filter((end) => end === 'hang').length,
  };
  process.send?.(measurement);
} finally {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
