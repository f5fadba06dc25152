/**
 * Compares ours with what people would use instead, on the same local servers in one run: `pnpm bench [case ...] [--rounds N] [--quick]`.
 * Prints each table as soon as it is there, and writes all of them to `artifacts/bench.json` and `artifacts/bench.md`. A measurement
 * never passes or fails; a case that breaks is named in its place, and the others go on.
 * `--quick`: one round of what takes longest, and fewer batches.
 * Needs a build and the packages of `peers/`; `pnpm bench` does both.
 */
import { spawn } from 'node:child_process';
import type { StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureBatchMemory } from './cases/batch-memory.ts';
import { measureBigImages } from './cases/big-images.ts';
import { measureCards } from './cases/cards.ts';
import { measureComfyUILatency } from './cases/comfyui-latency.ts';
import { measureGateway } from './cases/gateway.ts';
import { measureGrowth } from './cases/growth.ts';
import { measureOverhead } from './cases/overhead.ts';
import { measureQueue } from './cases/queue.ts';
import { measureSessions } from './cases/sessions.ts';
import { measureStartUp } from './cases/start-up.ts';
import { measureStores } from './cases/store.ts';
import { formatTable } from './support/bench-table.ts';
import type { BenchTable } from './support/bench-table.ts';
import { reportFile, writeReport } from './support/write-report.ts';

const cases: Readonly<Record<string, (rounds: number) => Promise<BenchTable>>> = {
  'overhead-openai': (rounds) => measureOverhead('openai', rounds),
  'overhead-hunyuan': (rounds) => measureOverhead('hunyuan', rounds),
  'overhead-comfyui': (rounds) => measureOverhead('comfyui', rounds),
  'big-images': measureBigImages,
  'batch-memory': measureBatchMemory,
  'comfyui-latency': measureComfyUILatency,
  cards: measureCards,
  sessions: measureSessions,
  gateway: measureGateway,
  queue: measureQueue,
  'start-up': measureStartUp,
  stores: measureStores,
  growth: measureGrowth,
};
/** One round each takes longer than five of another case. */
const slowCases = new Set(['stores', 'growth']);
/** Separate programs with their own reports. */
const programs: readonly string[] = ['makespan', 'polling'];
/** A case and a program that both wait most of the time, so they run side by side. */
const sideBySide = new Set(['overhead-hunyuan', 'polling']);
/** How long a program may take, in milliseconds. */
const programMs = 1_200_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, quick: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
const known = [...Object.keys(cases), ...programs];
const names = positionals.length > 0 ? positionals : known;
if (names.some((name) => !known.includes(name)) || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`Usage: pnpm bench [case ...] [--rounds N] [--quick]. Cases: ${known.join(', ')}.`);
  process.exit(2);
}

/** What a case found. */
interface Found {
  readonly figures: unknown;
  readonly markdown: string;
}

async function runCase(name: string, measureCase: (rounds: number) => Promise<BenchTable>): Promise<Found> {
  const found = await measureCase(values.quick && slowCases.has(name) ? 1 : rounds);
  return { figures: found.figures, markdown: formatTable(found) };
}

/** Its exit code says whether a goal was missed, so only its report says whether it ran. */
async function runProgram(name: string): Promise<Found> {
  const report = { figures: reportFile(name, 'json'), markdown: reportFile(name, 'md') };
  for (const file of Object.values(report)) await rm(file, { force: true });
  const program = fileURLToPath(new URL(`${name}/main.ts`, import.meta.url));
  const args = values.quick && name === 'makespan' ? ['--seeds', '3'] : [];
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit'];
  await once(spawn(process.execPath, [program, ...args], { stdio, timeout: programMs }), 'exit');
  const markdown = await readFile(report.markdown, 'utf8');
  return { figures: JSON.parse(await readFile(report.figures, 'utf8')), markdown: markdown.replace(/^#/gm, '##') };
}

const found = new Map<string, Found>();
async function run(name: string): Promise<void> {
  const started = performance.now();
  console.error(`${name} ...`);
  const measureCase = cases[name];
  try {
    found.set(name, await (measureCase === undefined ? runProgram(name) : runCase(name, measureCase)));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    found.set(name, { figures: undefined, markdown: `## ${name}\n\nNo figures: ${String(error)}\n` });
  }
  console.error(`${name}: ${Math.round((performance.now() - started) / 1000)} s`);
  console.log(found.get(name)?.markdown);
  // After each case, so that a run that is stopped keeps what it has.
  const figures = Object.fromEntries([...found].map(([each, { figures }]) => [each, figures]));
  const markdown = [...found.values()].map((each) => each.markdown);
  await writeReport('bench', figures, `# Benchmarks\n\n${markdown.join('\n')}`);
}

await Promise.all(names.filter((name) => sideBySide.has(name)).map(run));
for (const name of names) if (!sideBySide.has(name)) await run(name);
