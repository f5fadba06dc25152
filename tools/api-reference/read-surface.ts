import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import ts from 'typescript';

/** A declaration as the compiler writes it to `.d.ts`, and the file in which its names are resolved. */
interface Module {
  /** Declarations by their name in the file: several for overloads. */
  readonly declarations: Map<string, string[]>;
  /** What the file exports, under which name and from where; its own declarations have no `from`. */
  readonly exports: Map<string, { readonly name: string; readonly from?: string }>;
  /** `export *` of other files. */
  readonly wholeExports: string[];
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  isolatedDeclarations: true,
  verbatimModuleSyntax: true,
  removeComments: true,
  declaration: true,
};

/**
 * All names that a source file exports, sorted, each with its signature from the declarations. The text does not show which
 * file of the package declares a name, so files can move.
 */
export function readSurface(file: string): string {
  const names = [...exportedNames(file)].sort();
  return names.map((name) => `${declarationOf(file, name).join('\n')}\n`).join('\n');
}

function exportedNames(file: string): Set<string> {
  const { exports, wholeExports } = readModule(file);
  return new Set([...exports.keys(), ...wholeExports.flatMap((from) => [...exportedNames(from)])]);
}

function declarationOf(file: string, name: string): readonly string[] {
  const { declarations, exports, wholeExports } = readModule(file);
  const found = exports.get(name);
  if (found === undefined) {
    const from = wholeExports.find((each) => exportedNames(each).has(name));
    if (from === undefined) throw new Error(`${file} does not export ${name}.`);
    return declarationOf(from, name);
  }
  const renamed = found.name === name ? [] : [`// ${found.name} as ${name}`];
  if (found.from === undefined) {
    const own = declarations.get(found.name);
    if (own === undefined)
      throw new Error(`${file} exports ${name} by an import: write \`export { … } from\` instead.`);
    return [...renamed, ...own];
  }
  if (!found.from.startsWith('/')) return [`export { ${found.name} as ${name} } from '${found.from}';`];
  return [...renamed, ...declarationOf(found.from, found.name)];
}

const modules = new Map<string, Module>();

function readModule(file: string): Module {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const { outputText } = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: options,
  });
  const source = ts.createSourceFile(file, outputText, ts.ScriptTarget.ES2024);
  const module: Module = { declarations: new Map(), exports: new Map(), wholeExports: [] };
  modules.set(file, module);
  for (const statement of source.statements) readStatement(statement, source, module);
  return module;
}

function readStatement(statement: ts.Statement, source: ts.SourceFile, module: Module): void {
  if (ts.isExportDeclaration(statement)) {
    const from = statement.moduleSpecifier && resolve(source.fileName, textOf(statement.moduleSpecifier));
    if (statement.exportClause === undefined) module.wholeExports.push(from ?? '');
    else if (ts.isNamedExports(statement.exportClause)) {
      for (const { name, propertyName } of statement.exportClause.elements) {
        const origin = { name: (propertyName ?? name).text, ...(from === undefined ? {} : { from }) };
        module.exports.set(name.text, origin);
      }
    }
    return;
  }
  const text = statement.getText(source).replaceAll(/import\(["']\.[^)]*\)\./g, '');
  for (const name of namesOf(statement)) {
    module.declarations.set(name, [...(module.declarations.get(name) ?? []), text]);
    if (/^export\b/.test(text)) module.exports.set(name, { name });
  }
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => (ts.isIdentifier(name) ? name.text : ''));
  }
  const { name } = statement as Partial<ts.DeclarationStatement>;
  return name === undefined ? [] : [name.text];
}

function resolve(file: string, specifier: string): string {
  return specifier.startsWith('.') ? join(dirname(file), specifier) : specifier;
}

function textOf(node: ts.Expression): string {
  return ts.isStringLiteral(node) ? node.text : '';
}
