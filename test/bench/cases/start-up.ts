import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const packages = ['core', 'hunyuan', 'openai', 'comfyui', 'hybrid', 'redis'];
const commands = [['--help'], ['generate', '--help'], ['doctor', '--no-dotenv']];
const timesPerRound = 4;

const importProgram = `
const wall = performance.now(), before = process.cpuUsage(), memory = process.memoryUsage.rss();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ wallMs: performance.now() - wall, cpuMs: (user + system) / 1000, mb: (process.memoryUsage.rss() - memory) / 2 ** 20 }));`;

interface ImportFigures {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly mb: number;
}

async function importOnce(name: string): Promise<ImportFigures> {
  const file = `${root}packages/${name}/dist/index.js`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', importProgram, '--', file]);
  return JSON.parse(stdout) as ImportFigures;
}

async function runOnce(args: readonly string[]): Promise<number> {
  const environment = { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C' };
  const started = performance.now();
  // `doctor` exits with another code when nothing is configured; only its time counts here.
  await run(process.execPath, args, { env: environment }).catch(() => undefined);
  return performance.now() - started;
}

/** The cost of importing each built package, and of a short command. */
export async function measureStartUp(rounds: number): Promise<BenchTable> {
  const imports = new Map<string, ImportFigures[]>(packages.map((name) => [name, []]));
  const runs = new Map<string, number[]>();
  const main = `${root}apps/cli/dist/main.js`;
  for (let round = 0; round < rounds * timesPerRound; round += 1) {
    for (const name of packages) imports.get(name)?.push(await importOnce(name));
    for (const args of [['-e', '0'], ...commands.map((command) => [main, ...command])]) {
      const label = args[0] === main ? `holodeck-image ${args.slice(1).join(' ')}` : 'node -e 0';
      runs.set(label, [...(runs.get(label) ?? []), await runOnce(args)]);
    }
  }
  return {
    title: 'Import and start',
    note: `Of the built packages, each in a fresh process, ${rounds * timesPerRound} times. Aim: \`import("@holodeck/hybrid")\` in 60 ms.`,
    header: ['what', 'wall ms', 'CPU ms', 'memory MB'],
    rows: [
      ...[...imports].map(([name, figures]) => [
        `import @holodeck/${name}`,
        spread(
          figures.map(({ wallMs }) => wallMs),
          0,
        ),
        spread(
          figures.map(({ cpuMs }) => cpuMs),
          0,
        ),
        spread(
          figures.map(({ mb }) => mb),
          0,
        ),
      ]),
      ...[...runs].map(([label, times]) => [label, spread(times, 0), '', '']),
    ],
    figures: { imports: Object.fromEntries(imports), runs: Object.fromEntries(runs) },
  };
}
