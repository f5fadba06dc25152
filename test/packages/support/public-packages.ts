import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root: string = fileURLToPath(new URL('../../..', import.meta.url));

/** A package that others install. */
export interface PublicPackage {
  readonly name: string;
  readonly folder: string;
  readonly manifest: {
    readonly version: string;
    readonly exports: Readonly<Record<string, unknown>>;
    readonly peerDependencies?: Readonly<Record<string, string>>;
  };
}

/** All packages of the repository that are not private. */
export const publicPackages: readonly PublicPackage[] = ['packages', 'apps']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
  .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true)
  .map(({ folder, manifest }) => ({ name: manifest.name as string, folder, manifest }));

/** Entry points that need an optional peer. */
const peerOf: Readonly<Record<string, string>> = { '@holodeck/core/telemetry': '@opentelemetry/api' };

const allEntryPoints = publicPackages.flatMap(({ name, manifest }) =>
  Object.keys(manifest.exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => name + path.slice(1)),
);

/** Entry points that work with nothing else installed: `@holodeck/core`, `@holodeck/core/stores`, ... */
export const entryPoints: readonly string[] = allEntryPoints.filter((entry) => peerOf[entry] === undefined);

/** Entry points that work once `neededPeers` are installed too. */
export const entryPointsWithPeers: readonly string[] = allEntryPoints.filter((entry) => peerOf[entry] !== undefined);

/** As arguments of npm: `name@range`. */
export const neededPeers: readonly string[] = publicPackages
  .flatMap(({ manifest }) => Object.entries(manifest.peerDependencies ?? {}))
  .filter(([peer]) => Object.values(peerOf).includes(peer))
  .map(([peer, range]) => `${peer}@${range}`);
