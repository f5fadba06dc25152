import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../docker/worker/Dockerfile', import.meta.url));
const lines = readFileSync(path, 'utf8').replaceAll('\\\n', ' ').split('\n');

/** The commands of all steps of the image. */
export const imageSteps: readonly string[] = lines.flatMap((line) => (line.startsWith('RUN ') ? [line.slice(4)] : []));

/** The argument of an instruction: the last one of a target, else of the targets before it. */
export function instructionOf(target: string, name: string): string {
  const from = lines.findIndex((line) => line.endsWith(` AS ${target}`));
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith('FROM '));
  const known = length === -1 ? lines : lines.slice(0, from + 1 + length);
  const line = known.findLast((candidate) => candidate.startsWith(`${name} `));
  if (from === -1 || line === undefined) throw new Error(`The Dockerfile's target ${target} has no ${name}.`);
  return line.slice(name.length + 1).trim();
}

/** The words of an instruction's JSON form, some of them replaced: a port, a folder. */
export function commandOf(target: string, name: string, replaced: Readonly<Record<string, string>>): string[] {
  const text = instructionOf(target, name);
  const words = JSON.parse(text.slice(text.indexOf('['))) as string[];
  return words.map((word) =>
    Object.entries(replaced).reduce((changed, [from, to]) => changed.replaceAll(from, to), word),
  );
}

/** Whether the target's health check finds it well. */
export async function isHealthy(target: string, replaced: Readonly<Record<string, string>>): Promise<boolean> {
  const [program = '', ...args] = commandOf(target, 'HEALTHCHECK', replaced);
  const child = spawn(program === 'node' ? process.execPath : program, args, { stdio: 'ignore' });
  return (await once(child, 'exit'))[0] === 0;
}
