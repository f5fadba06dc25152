/**
 * `node --conditions=@holodeck/source test/soak/main.ts [few] [many]`: streams of 10,000 and 100,000 tasks, memory and SQLite,
 * each in its own process. Exit code 1 if time or memory grow faster than docs/reliability.md says. Takes some 10
 * minutes; TMPDIR chooses the disk.
 */
import { setup } from '../support/packages.ts';
import { measureStream } from './support/stream-measure.ts';

setup();

const [few = 10_000, many = 100_000] = process.argv.slice(2).map(Number);
const mostMemory = 1.1;
// A stream with ten times as many tasks may take eleven times as long.
const mostTime = (many / few) * 1.1;

for (const store of ['memory', 'sqlite'] as const) {
  const short = await measureStream(store, few);
  const long = await measureStream(store, many);
  // Processor time, because wall-clock time includes other work of the machine.
  const time = long.cpuMs / short.cpuMs;
  const memory = long.residentBytes / short.residentBytes;
  for (const { tasks, totalMs, cpuMs, residentBytes, peakBytes, heapBytes } of [short, long]) {
    const perTask = (cpuMs / tasks).toFixed(2);
    console.log(
      `${store}: ${tasks} tasks, ${Math.round(totalMs / 1000)} s (CPU ${perTask} ms each), RSS ${megabytes(residentBytes)} (at most ${megabytes(peakBytes)}), live heap ${megabytes(heapBytes)}`,
    );
  }
  console.log(
    `${store}: CPU x ${time.toFixed(2)} (<= ${mostTime.toFixed(1)}), RSS x ${memory.toFixed(3)} (<= ${mostMemory})`,
  );
  if (time > mostTime || memory > mostMemory) process.exitCode = 1;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
