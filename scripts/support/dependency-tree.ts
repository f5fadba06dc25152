import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A dependency and what is installed because of it. */
export interface Dependency {
  readonly name: string;
  /** `dependencies`, or what works without: `optionalDependencies` and optional peers. */
  readonly kind: 'needed' | 'optional';
  /**
   * Other packages that it brings, as `name@version`, without optional ones (builds for a platform). Absent for an optional one
   * that is not installed in this repository.
   */
  readonly brings?: readonly string[];
  /** Whether it brings optional packages, such as a build for the platform. */
  readonly bringsOptional: boolean;
}

/** What a package brings, as installed in this repository. */
export interface DependencyTree {
  readonly dependencies: readonly Dependency[];
  /** All needed packages of others, as `name@version`. */
  readonly foreign: readonly string[];
}

function readPackage(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The folder of a package as Node would find it from another one; links are followed, as Node does. */
function lookFor(from: string, name: string): string | undefined {
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}

function findPackage(from: string, name: string): string {
  const folder = lookFor(from, name);
  if (folder === undefined) throw new Error(`${name} is not installed for ${from}: run pnpm install.`);
  return folder;
}

function collect(folder: string, found: Map<string, Manifest>): void {
  for (const name of Object.keys(readPackage(folder).dependencies ?? {})) {
    const inner = findPackage(folder, name);
    const manifest = readPackage(inner);
    const key = `${manifest.name}@${manifest.version}`;
    if (found.has(key)) continue;
    found.set(key, manifest);
    collect(inner, found);
  }
}

/** True for a package of this repository. */
export function isOwn(name: string): boolean {
  return name.startsWith('@holodeck/');
}

/** @throws Error if something is not installed. */
export function readDependencyTree(packageFolder: string): DependencyTree {
  const manifest = readPackage(packageFolder);
  const optional = { ...manifest.optionalDependencies, ...manifest.peerDependencies };
  const describe =
    (kind: Dependency['kind']) =>
    (name: string): Dependency => {
      const folder = kind === 'optional' ? lookFor(packageFolder, name) : findPackage(packageFolder, name);
      if (folder === undefined) return { name, kind, bringsOptional: false };
      const found = new Map<string, Manifest>();
      collect(folder, found);
      const all = [readPackage(folder), ...found.values()];
      const bringsOptional = all.some((each) => Object.keys(each.optionalDependencies ?? {}).length > 0);
      return { name, kind, brings: [...found.keys()].sort(), bringsOptional };
    };
  const all = new Map<string, Manifest>();
  collect(packageFolder, all);
  return {
    dependencies: [
      ...Object.keys(manifest.dependencies ?? {}).map(describe('needed')),
      ...Object.keys(optional).sort().map(describe('optional')),
    ],
    foreign: [...all.keys()].filter((key) => !isOwn(key)).sort(),
  };
}
