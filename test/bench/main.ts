/**
 * Compares ours with what people would use instead, on the same local servers in one run: `pnpm bench [case ...] [--rounds N]`.
 * Prints tables and writes `artifacts/bench.json` and `artifacts/bench.md`. A measurement never passes or fails.
 * Needs a build and the packages of `peers/`; `pnpm bench` does both.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureBigImages } from './cases/big-images.ts';
import { measureCards } from './cases/cards.ts';
import { measureComfyUILatency } from './cases/comfyui-latency.ts';
import { measureGrowth } from './cases/growth.ts';
import { measureOverhead } from './cases/overhead.ts';
import { measureStartUp } from './cases/start-up.ts';
import { measureStores } from './cases/store.ts';
import { formatTable } from './support/bench-table.ts';
import type { BenchTable } from './support/bench-table.ts';
import { writeReport } from './support/write-report.ts';

const cases: Readonly<Record<string, (rounds: number) => Promise<BenchTable>>> = {
  'overhead-openai': (rounds) => measureOverhead('openai', rounds),
  'overhead-hunyuan': (rounds) => measureOverhead('hunyuan', rounds),
  'overhead-comfyui': (rounds) => measureOverhead('comfyui', rounds),
  'big-images': measureBigImages,
  'comfyui-latency': measureComfyUILatency,
  cards: measureCards,
  'start-up': measureStartUp,
  stores: measureStores,
  growth: measureGrowth,
};
/** Separate programs with their own reports. */
const programs: readonly string[] = ['makespan', 'polling'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' } },
});
const rounds = Number(values.rounds);
const names = positionals.length > 0 ? positionals : [...Object.keys(cases), ...programs];
const unknown = names.filter((name) => cases[name] === undefined && !programs.includes(name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  const known = [...Object.keys(cases), ...programs].join(', ');
  console.error(`Usage: pnpm bench [case ...] [--rounds N]. Cases: ${known}.`);
  process.exit(2);
}

const tables: BenchTable[] = [];
for (const name of names) {
  const measureCase = cases[name];
  if (measureCase === undefined) continue;
  console.error(`${name} ...`);
  tables.push(await measureCase(rounds));
}
if (tables.length > 0) {
  const figures = Object.fromEntries(tables.map((each) => [each.title, each.figures]));
  await writeReport('bench', figures, `# Benchmarks\n\n${tables.map(formatTable).join('\n')}`);
}
for (const name of names.filter((each) => programs.includes(each))) {
  const program = fileURLToPath(new URL(`${name}/main.ts`, import.meta.url));
  await new Promise((resolve) => {
    spawn(process.execPath, [program], { stdio: 'inherit' }).once('exit', resolve);
  });
}
