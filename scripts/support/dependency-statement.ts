import { isOwn } from './dependency-tree.ts';
import type { Dependency, DependencyTree } from './dependency-tree.ts';

const heading = '## Dependencies';
/** For more packages than this, the number is enough. */
const mostNamed = 6;

const withoutVersion = (key: string): string => key.slice(0, key.lastIndexOf('@'));
const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function describeBrought({ brings, bringsOptional }: Dependency): string {
  if (brings === undefined) return 'packages of its own';
  const foreign = brings.filter((key) => !isOwn(key)).map(withoutVersion);
  const names =
    foreign.length <= mostNamed ? foreign.map((name) => `\`${name}\``).join(', ') : `${foreign.length} packages`;
  if (foreign.length === 0) return bringsOptional ? 'a build for the platform' : 'nothing';
  return names + (bringsOptional ? ', and builds for the platform' : '');
}

/** The section `## Dependencies` of a package's README. */
export function dependencyStatement(tree: DependencyTree, nodeRange: string): string {
  const rows = tree.dependencies.map(
    (each) => `| \`${each.name}\`${each.kind === 'optional' ? ', optional' : ''} | ${describeBrought(each)} |`,
  );
  const table = rows.length === 0 ? [] : ['', '| package | brings |', '|---|---|', ...rows];
  const own = tree.dependencies.some(({ name, kind }) => kind === 'needed' && isOwn(name))
    ? ' besides those of this project'
    : '';
  const count = `${plural(tree.foreign.length, 'package')} in all${own}`;
  return [heading, '', `${count}; Node ${nodeRange.replace('>=', '')} or newer.`, ...table, ''].join('\n');
}

/** A README with its section `## Dependencies` replaced, or added at the end. */
export function withDependencyStatement(readme: string, statement: string): string {
  const start = readme.search(new RegExp(`^${heading}$`, 'm'));
  if (start === -1) return `${readme.trimEnd()}\n\n${statement}`;
  const next = readme.slice(start + heading.length).search(/^## /m);
  if (next === -1) return readme.slice(0, start) + statement;
  return `${readme.slice(0, start)}${statement}\n${readme.slice(start + heading.length + next)}`;
}
