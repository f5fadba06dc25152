import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * What follows `node` to run a program on the packages of this repository. They come from a bundle of the sources: a process
 * that loads three hundred sources spends most of its time on that.
 */
export const withPackages: readonly string[] = [`--import=${new URL('use-packages.mjs', import.meta.url).href}`];

/** Vitest calls this before a run: the bundle is built when sources are newer. */
export function setup(): void {
  const script = fileURLToPath(new URL('bundle-packages.mjs', import.meta.url));
  execFileSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] });
}
