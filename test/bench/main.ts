/**
 * Compares ours with what people would use instead, on the same local servers in one run: `pnpm bench [case ...] [--rounds N] [--quick]`.
 * Prints tables and writes `artifacts/bench.json` and `artifacts/bench.md`. A measurement never passes or fails.
 * `--quick`: one round of what takes longest, fewer batches, and the two programs in real time side by side.
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
/** One round each takes longer than five of another case. */
const slowCases = new Set(['stores', 'growth']);
/** Separate programs with their own reports. */
const programs: readonly string[] = ['makespan', 'polling'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, quick: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
const names = positionals.length > 0 ? positionals : [...Object.keys(cases), ...programs];
const unknown = names.filter((name) => cases[name] === undefined && !programs.includes(name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  const known = [...Object.keys(cases), ...programs].join(', ');
  console.error(`Usage: pnpm bench [case ...] [--rounds N] [--quick]. Cases: ${known}.`);
  process.exit(2);
}

const tables: BenchTable[] = [];
for (const name of names) {
  const measureCase = cases[name];
  if (measureCase === undefined) continue;
  console.error(`${name} ...`);
  tables.push(await measureCase(values.quick && slowCases.has(name) ? 1 : rounds));
}
if (tables.length > 0) {
  const figures = Object.fromEntries(tables.map((each) => [each.title, each.figures]));
  await writeReport('bench', figures, `# Benchmarks\n\n${tables.map(formatTable).join('\n')}`);
}

function runProgram(name: string): Promise<unknown> {
  const program = fileURLToPath(new URL(`${name}/main.ts`, import.meta.url));
  const args = values.quick && name === 'makespan' ? ['--seeds', '3'] : [];
  return new Promise((resolve) => {
    spawn(process.execPath, [program, ...args], { stdio: 'inherit' }).once('exit', resolve);
  });
}

const asked = names.filter((each) => programs.includes(each));
if (values.quick) await Promise.all(asked.map(runProgram));
else for (const name of asked) await runProgram(name);
