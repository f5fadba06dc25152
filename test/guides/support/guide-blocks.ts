import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root: string = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, 'docs', 'guides');

/** Guides that need more than an emulator: other suites run them. */
const runElsewhere: ReadonlySet<string> = new Set(['several-machines.md', 'first-steps.md']);

/** A block of a guide that is run, written or compared. */
export interface Block {
  readonly language: string;
  /** `file=x.ts exit=1`, by name; a bare word is true. */
  readonly attributes: Readonly<Record<string, string | true>>;
  readonly code: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
}

/** A guide and its blocks. */
export interface Guide {
  readonly name: string;
  readonly text: string;
  /** Services whose variables the reader has already set: `<!-- services: hunyuan, openai -->`. */
  readonly services: readonly string[];
  readonly blocks: readonly Block[];
}

/** The names of all guides, in English: `test/docs` compares the Chinese ones with them. */
export function guideNames(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.md') && !name.endsWith('.zh-CN.md'));
}

/** The guides that this suite runs. */
export function readGuides(): readonly Guide[] {
  return guideNames()
    .filter((name) => !runElsewhere.has(name))
    .map(readGuide);
}

function readGuide(name: string): Guide {
  const text = readFileSync(join(folder, name), 'utf8');
  const services = /<!-- services: (.*?) -->/.exec(text)?.[1]?.split(/,\s*/) ?? ['hunyuan'];
  // Fenced blocks, and steps that are hidden from the reader: `<!-- sh\n...\n-->`.
  const found = text.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$|^<!-- (sh)([^\n]*)\n(.*?)^-->$/gms);
  const blocks = [...found].map((match) => ({
    language: match[1] ?? match[4] ?? '',
    attributes: readAttributes(match[2] ?? match[5] ?? ''),
    code: match[3] ?? match[6] ?? '',
    line: text.slice(0, match.index).split('\n').length,
  }));
  return { name, text, services, blocks };
}

function readAttributes(text: string): Block['attributes'] {
  const words = text.trim().split(/\s+/).filter(Boolean);
  return Object.fromEntries(
    words.map((word) => {
      const [name = '', value] = word.split('=');
      return [name, value ?? true];
    }),
  );
}
