import { readFile, readdir } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** `import x from 'y'`, `export * from 'y'`, `import 'y'`, `import('y')` and `require('y')` at the places where they are code. */
const specifierPattern =
  /(?:^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*|^\s*import\s*|\bimport\(\s*|\brequire\(\s*)(['"])([^'"\n]+)\1/gm;

/** Package names that built code or declarations of an installed package import without declaring them. */
export async function undeclaredImports(packageFolder: string): Promise<readonly string[]> {
  const manifest = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as Manifest;
  const declared = new Set([manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })]);
  const dist = join(packageFolder, 'dist');
  const undeclared = new Set<string>();
  for (const file of await readdir(dist, { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(file)) continue;
    // Examples in docstrings do not count.
    const text = (await readFile(join(dist, file), 'utf8')).replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, , specifier = ''] of text.matchAll(specifierPattern)) {
      if (specifier.startsWith('.') || isBuiltin(specifier)) continue;
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      if (!declared.has(name)) undeclared.add(`${name} in dist/${file}`);
    }
  }
  return [...undeclared];
}
