import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import { median } from '../support/statistics.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const packages = ['core', 'hunyuan', 'openai', 'comfyui', 'hybrid', 'redis'];
const commands = [['--version'], ['--help'], ['generate', '--help'], ['doctor', '--no-dotenv']];
const timesPerRound = 4;
const bare = 'node -e 0';

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

/** Of one run of a command; all in milliseconds. */
interface RunFigures {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** The processor time of all processes that this one started and that have ended. */
async function cpuOfChildren(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  // After the name in brackets: the 14th and 15th fields are in ticks of 10 ms (proc(5), cutime and cstime).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** The mean of some runs, one after the other. */
async function runSome(args: readonly string[]): Promise<RunFigures> {
  const environment = { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C' };
  const before = await cpuOfChildren();
  const started = performance.now();
  for (let done = 0; done < timesPerRound; done += 1) {
    // `doctor` exits with another code when nothing is configured; only its time counts here.
    await run(process.execPath, args, { env: environment }).catch(() => undefined);
  }
  const wallMs = (performance.now() - started) / timesPerRound;
  return { wallMs, cpuMs: ((await cpuOfChildren()) - before) / timesPerRound };
}

/** The cost of importing each built package, and of a short command. */
export async function measureStartUp(rounds: number): Promise<BenchTable> {
  const imports = new Map<string, ImportFigures[]>(packages.map((name) => [name, []]));
  const main = `${root}apps/cli/dist/main.js`;
  const programs = new Map([
    [bare, ['-e', '0']],
    ...commands.map((command) => [`holodeck-image ${command.join(' ')}`, [main, ...command]] as const),
  ]);
  const runs = new Map<string, RunFigures[]>([...programs.keys()].map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const inTurn = <Item>(items: readonly Item[]): readonly Item[] => (round % 2 === 0 ? items : items.toReversed());
    for (const name of inTurn(packages)) imports.get(name)?.push(await importOnce(name));
    for (const [name, args] of inTurn([...programs])) runs.get(name)?.push(await runSome(args));
  }
  const bareCpu = median((runs.get(bare) ?? []).map(({ cpuMs }) => cpuMs));
  return {
    title: 'Import and start',
    note: `Of the built packages, each in a fresh process, ${rounds} rounds in alternating order, each command ${timesPerRound} times a round. The event loop does not turn before an import has ended: its time is how long it is late. Aims: \`import("@holodeck/hybrid")\` in 60 ms; \`--version\` 2 x, \`doctor\` 4 x the processor time of \`${bare}\`.`,
    header: ['what', 'wall ms', 'CPU ms', `x ${bare}`, 'memory MB'],
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
        '',
        spread(
          figures.map(({ mb }) => mb),
          0,
        ),
      ]),
      ...[...runs].map(([label, figures]) => [
        label,
        spread(
          figures.map(({ wallMs }) => wallMs),
          0,
        ),
        spread(
          figures.map(({ cpuMs }) => cpuMs),
          0,
        ),
        (median(figures.map(({ cpuMs }) => cpuMs)) / bareCpu).toFixed(1),
        '',
      ]),
    ],
    figures: { imports: Object.fromEntries(imports), runs: Object.fromEntries(runs) },
  };
}
