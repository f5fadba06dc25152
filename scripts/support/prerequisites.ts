import { existsSync, readFileSync } from 'node:fs';
import { join, normalize, relative, resolve } from 'node:path';

import { commandExists, root, runCommand } from './run-command.ts';

/** Something that tests need and npm does not bring. */
export interface Prerequisite {
  readonly name: string;
  /** True if it is installed. */
  readonly probe: () => Promise<boolean>;
  /** The Debian package that brings it. */
  readonly aptPackage: string;
  /** Folders and files of the suites that need it, relative to the root. Only suites that exist count. */
  readonly neededBy: readonly string[];
}

async function anyCommandExists(...commands: readonly string[]): Promise<boolean> {
  for (const command of commands) if (await commandExists(command)) return true;
  return false;
}

/** Everything that some suite needs and npm does not bring. */
export const prerequisites: readonly Prerequisite[] = [
  {
    name: 'redis-server',
    probe: () => anyCommandExists('redis-server', 'valkey-server'),
    aptPackage: 'redis-server',
    neededBy: ['packages/redis/test', 'packages/gateway/test/two-gateways.test.ts', 'test/redis'],
  },
  {
    name: 'chromium',
    probe: async () =>
      existsSync(process.env['CHROMIUM_PATH'] ?? '') ||
      (await anyCommandExists('chromium', 'chromium-browser', 'google-chrome')),
    aptPackage: 'chromium',
    neededBy: ['apps/demo/test/browser', 'test/browser'],
  },
  {
    name: 'a font with Chinese characters',
    probe: async () =>
      ['/usr/share/fonts/opentype/noto', '/usr/share/fonts/noto-cjk', '/System/Library/Fonts'].some((folder) =>
        existsSync(folder),
      ),
    aptPackage: 'fonts-noto-cjk',
    neededBy: ['packages/hybrid/test/contact-sheet.test.ts', 'apps/demo/test/browser', 'test/browser'],
  },
];

function covers(filter: string, suite: string): boolean {
  const path = normalize(relative(root, resolve(root, filter))).replaceAll('\\', '/');
  return path === '.' || suite.startsWith(path) || path.startsWith(suite) || suite.includes(filter);
}

/** The suites that exist, need the prerequisite, and are part of this run (no filters = all). */
export function suitesInNeed(prerequisite: Prerequisite, filters: readonly string[]): readonly string[] {
  return prerequisite.neededBy
    .filter((suite) => existsSync(join(root, suite)))
    .filter((suite) => filters.length === 0 || filters.some((filter) => covers(filter, suite)));
}

function isDebianRoot(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    return /\bdebian\b/i.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** Finds what is missing for the suites of this run, and installs it if possible (root on Debian). */
export async function providePrerequisites(
  filters: readonly string[],
  list: readonly Prerequisite[] = prerequisites,
): Promise<readonly { readonly prerequisite: Prerequisite; readonly suites: readonly string[] }[]> {
  const missing = [];
  for (const prerequisite of list) {
    const suites = suitesInNeed(prerequisite, filters);
    if (suites.length > 0 && !(await prerequisite.probe())) missing.push({ prerequisite, suites });
  }
  if (missing.length === 0 || !isDebianRoot()) return missing;
  const packages = missing.map(({ prerequisite }) => prerequisite.aptPackage);
  for (const { prerequisite, suites } of missing)
    console.log(`${suites.join(', ')} need ${prerequisite.name}, which is not installed.`);
  console.log(`Installing system packages with apt-get: ${packages.join(', ')}.`);
  const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } };
  // Another run may be installing.
  const patience = ['-o', 'DPkg::Lock::Timeout=300'];
  const install = [...patience, 'install', '-y', '-qq', '--no-install-recommends', ...packages];
  if ((await runCommand('apt-get', install, quiet)) !== 0) {
    // A fresh machine has no package lists.
    await runCommand('apt-get', ['update', '-qq'], quiet);
    await runCommand('apt-get', install, quiet);
  }
  const stillMissing = [];
  for (const entry of missing) if (!(await entry.prerequisite.probe())) stillMissing.push(entry);
  return stillMissing;
}
