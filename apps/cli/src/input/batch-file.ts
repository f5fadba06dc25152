import type { GenerationTask, ReferenceInput } from '@holodeck/core';

import { messages } from '../messages/messages.ts';
import { suggest } from '../options/suggest.ts';
import { pictureNameProblem } from './picture-name.ts';

/** A line of a batch file: a task, or what is wrong with it. */
export type BatchLine =
  | { readonly number: number; readonly task: GenerationTask }
  | { readonly number: number; readonly problem: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isString = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';

interface Field {
  readonly check: (value: unknown) => boolean;
  /** What is expected, in the language of the messages. */
  readonly expected: () => string;
}

const text: Field = { check: isString, expected: () => messages().errors.batch.string };
const number: Field = { check: isNumber, expected: () => messages().errors.batch.number };
const truth: Field = {
  check: (value) => typeof value === 'boolean',
  expected: () => messages().errors.batch.truth,
};
const object: Field = { check: isObject, expected: () => messages().errors.batch.object };

function oneOf(...names: readonly string[]): Field {
  return {
    check: (value) => names.some((name) => name === value),
    expected: () => messages().errors.batch.either(names.map((name) => JSON.stringify(name)).join(', ')),
  };
}

const fields: Readonly<Record<string, Field>> = {
  prompt: text,
  negativePrompt: text,
  size: { check: (value) => isString(value) || isObject(value), expected: () => messages().errors.batch.sizeString },
  seed: number,
  style: text,
  references: { check: Array.isArray, expected: () => messages().errors.batch.fileList },
  background: oneOf('transparent', 'opaque'),
  format: oneOf('png', 'jpeg', 'webp'),
  count: number,
  providerOptions: object,
  taskId: text,
  outputPath: text,
  overwrite: truth,
  out: text,
  priority: number,
  metadata: object,
};

const otherNames: Readonly<Record<string, string>> = {
  resolution: 'size',
  output: 'outputPath',
  path: 'outputPath',
  file: 'outputPath',
  filename: 'outputPath',
  id: 'taskId',
  n: 'count',
  num: 'count',
  text: 'prompt',
  images: 'references',
  refs: 'references',
  ref: 'references',
};

function hintFor(key: string): string {
  const plain = key.replaceAll(/[_-]/g, '').toLowerCase();
  const names = Object.keys(fields);
  const name = names.find((field) => field.toLowerCase() === plain) ?? otherNames[plain] ?? suggest(key, names);
  const { errors } = messages();
  return name === undefined ? errors.batch.knownKeys(names.join(', ')) : errors.didYouMean(`"${name}"`);
}

function parseReference(value: unknown): ReferenceInput | string {
  if (typeof value === 'string') return { path: value };
  if (!isObject(value) || typeof value['path'] !== 'string') return messages().errors.batch.badReference;
  const { path, role, ...rest } = value;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) return messages().errors.batch.unknownReferenceKey(unknown);
  if (role === undefined) return { path };
  if (role !== 'style' && role !== 'init') return messages().errors.batch.badRole;
  return { path, role };
}

/**
 * Reads one line of a batch file: `{"prompt": "...", "size"?, "seed"?, "style"?, "references"?, "outputPath"? | "out"?,
 * "taskId"?, ...}`, the fields of a `GenerationTask`. A `null` counts as absent.
 *
 * @param line The line; no text = its bytes are not UTF-8.
 */
export function parseBatchLine(line: { readonly number: number; readonly text?: string }): BatchLine {
  const { number, text } = line;
  const { batch } = messages().errors;
  const wrong = (problem: string): BatchLine => ({ number, problem });
  if (text === undefined) return wrong(batch.notUtf8);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(batch.notJson((error as Error).message));
  }
  if (!isObject(value)) return wrong(batch.notObject);
  const task: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const rule = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (rule === undefined) return wrong(batch.unknownKey(key, hintFor(key)));
    if (field === null) continue;
    if (!rule.check(field)) return wrong(batch.mustBe(key, rule.expected()));
    if (key !== 'out') task[key] = field;
    else if ('outputPath' in value) return wrong(batch.outTwice);
    else task['outputPath'] = field;
  }
  if (typeof task['prompt'] !== 'string') return wrong(batch.noPrompt);
  if (task['references'] !== undefined) {
    const references = (task['references'] as unknown[]).map(parseReference);
    const problem = references.find((reference) => typeof reference === 'string');
    if (problem !== undefined) return wrong(problem as string);
    task['references'] = references;
  }
  const read = task as unknown as GenerationTask;
  const problem = read.outputPath === undefined ? undefined : pictureNameProblem(read.outputPath, read.format);
  return problem === undefined ? { number, task: read } : wrong(problem);
}
