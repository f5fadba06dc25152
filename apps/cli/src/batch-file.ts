import type { GenerationTask, ReferenceInput } from '@holodeck/core';

/** A line of a batch file: a task, or what is wrong with it. */
export type BatchLine =
  | { readonly number: number; readonly task: GenerationTask }
  | { readonly number: number; readonly problem: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isString = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';

const fields: Readonly<Record<string, readonly [check: (value: unknown) => boolean, expected: string]>> = {
  prompt: [isString, 'a string'],
  negativePrompt: [isString, 'a string'],
  size: [(value) => isString(value) || isObject(value), 'a string such as "1024x1024"'],
  seed: [isNumber, 'a number'],
  style: [isString, 'a string'],
  references: [Array.isArray, 'a list of file names'],
  background: [(value) => value === 'transparent' || value === 'opaque', '"transparent" or "opaque"'],
  format: [(value) => value === 'png' || value === 'jpeg' || value === 'webp', '"png", "jpeg" or "webp"'],
  count: [isNumber, 'a number'],
  providerOptions: [isObject, 'an object'],
  taskId: [isString, 'a string'],
  outputPath: [isString, 'a string'],
  out: [isString, 'a string'],
  priority: [isNumber, 'a number'],
  metadata: [isObject, 'an object'],
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
  const name = Object.keys(fields).find((field) => field.toLowerCase() === plain) ?? otherNames[plain];
  return name === undefined ? ` Known keys: ${Object.keys(fields).join(', ')}.` : ` Did you mean "${name}"?`;
}

function parseReference(value: unknown): ReferenceInput | string {
  if (typeof value === 'string') return { path: value };
  if (!isObject(value) || typeof value['path'] !== 'string')
    return 'each reference must be a file name or {"path", "role"}';
  const { path, role, ...rest } = value;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) return `a reference has the unknown key "${unknown}"`;
  if (role === undefined) return { path };
  if (role !== 'style' && role !== 'init') return 'the role of a reference must be "style" or "init"';
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
  const wrong = (problem: string): BatchLine => ({ number, problem });
  if (text === undefined) return wrong('it is not UTF-8 text');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(`it is not JSON (${(error as Error).message})`);
  }
  if (!isObject(value)) return wrong('it must be a JSON object such as {"prompt": "..."}');
  const task: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const rule = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (rule === undefined) return wrong(`"${key}" is not a known key.${hintFor(key)}`);
    if (field === null) continue;
    const [check, expected] = rule;
    if (!check(field)) return wrong(`"${key}" must be ${expected}`);
    if (key !== 'out') task[key] = field;
    else if ('outputPath' in value) return wrong('it has both "out" and "outputPath"; give one');
    else task['outputPath'] = field;
  }
  if (typeof task['prompt'] !== 'string') return wrong('it has no "prompt"');
  if (task['references'] !== undefined) {
    const references = (task['references'] as unknown[]).map(parseReference);
    const problem = references.find((reference) => typeof reference === 'string');
    if (problem !== undefined) return wrong(problem as string);
    task['references'] = references;
  }
  return { number, task: task as unknown as GenerationTask };
}
