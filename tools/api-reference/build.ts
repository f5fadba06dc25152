/**
 * `pnpm docs:api [--out folder]`: writes the API reference of all public packages as HTML, by default to `docs/api`. Any
 * warning fails it: a type that is shown but not exported, a broken link, an export without a docstring.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Application, ReflectionKind } from 'typedoc';
import type { ProjectReflection } from 'typedoc';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({ options: { out: { type: 'string', default: join(root, 'docs', 'api') } } });

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, { readonly '@holodeck/source'?: string }>>;
}

interface EntryPoint {
  /** As it is imported: `@holodeck/core/stores`. */
  readonly name: string;
  readonly packageName: string;
  readonly file: string;
}

function readEntryPoints(): readonly EntryPoint[] {
  const folders = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  );
  return folders.flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
    if (manifest.private === true) return [];
    return Object.entries(manifest.exports).flatMap(([path, { '@holodeck/source': source }]) => {
      if (source === undefined) return [];
      return [{ name: manifest.name + path.slice(1), packageName: manifest.name, file: join(root, folder, source) }];
    });
  });
}

/** A module has the name by which it is imported. */
function nameModules(project: ProjectReflection, entryPoints: readonly EntryPoint[]): void {
  const modules = project.getReflectionsByKind(ReflectionKind.Module).filter((module) => module.isDeclaration());
  for (const { name, file } of entryPoints) {
    const module = modules.find((each) => project.getSymbolIdFromReflection(each)?.fileName === file);
    if (module === undefined) throw new Error(`${name} has no module in the reference.`);
    module.name = name;
  }
}

/** Exported functions without a docstring. TypeDoc counts methods as functions, but a method's name often says enough. */
function undocumentedFunctions(project: ProjectReflection): readonly string[] {
  return project
    .getReflectionsByKind(ReflectionKind.Function)
    .filter((each) => each.isDeclaration() && !each.signatures?.every((signature) => signature.hasComment()))
    .map((each) => each.getFriendlyFullName());
}

const entryPoints = readEntryPoints();
const app = await Application.bootstrap({
  name: 'holodeck-image',
  tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
  entryPoints: entryPoints.map(({ file }) => file),
  readme: join(root, 'README.md'),
  out: options.out,
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  // `tsc -b` has checked the types; again here it would take most of the time.
  skipErrorChecking: true,
  githubPages: false,
  highlightLanguages: ['sh', 'ts', 'js', 'json', 'jsonl'],
  requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Variable'],
  // The README links to folders, which are not copied.
  validation: { notExported: true, invalidLink: true, notDocumented: true, invalidPath: false },
});
const project = await app.convert();
if (project === undefined) throw new Error('The sources cannot be read; see above.');
nameModules(project, entryPoints);
// TypeDoc only checks one package per project; here are several.
for (const packageName of new Set(entryPoints.map((entryPoint) => entryPoint.packageName))) {
  project.packageName = packageName;
  app.validate(project);
}
const undocumented = undocumentedFunctions(project);
for (const name of undocumented) console.error(`${name} has no docstring.`);
await app.generateDocs(project, options.out);
const warnings = app.logger.warningCount + undocumented.length;
if (app.logger.hasErrors() || warnings > 0) {
  console.error(`The reference has ${app.logger.errorCount} errors and ${warnings} warnings; see above.`);
  process.exitCode = 1;
}
