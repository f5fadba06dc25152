import { readFileSync } from 'node:fs';

import { CommandError } from './command-error.ts';

/** An object of a scene as the user names it; the id is made from the name where there is none. */
export interface SceneObject {
  readonly id?: string;
  readonly name: string;
  readonly description: string;
  readonly seed?: number;
  readonly size?: string;
}

/**
 * Reads `--object "name: description"`: the first colon, also a full-width one, parts them. Without one the whole is both.
 *
 * @throws CommandError when the name or the description is empty.
 */
export function parseObjectOption(text: string): SceneObject {
  const match = /^([^:：]*)[:：](.*)$/su.exec(text);
  const name = (match?.[1] ?? text).trim();
  const description = (match?.[2] ?? text).trim();
  if (name === '' || description === '') {
    throw new CommandError(
      `--object ${JSON.stringify(text)} must be "name: description", such as "lamp: brass desk lamp".`,
    );
  }
  return { name, description };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: (value) => typeof value === 'string',
  name: (value) => typeof value === 'string' && value.trim() !== '',
  description: (value) => typeof value === 'string' && value.trim() !== '',
  seed: Number.isSafeInteger,
  size: (value) => typeof value === 'string',
};

/**
 * Reads `--objects file.json`: a list of `{"id"?, "name", "description", "seed"?, "size"?}`, or an object with such a list
 * under `"objects"`. A byte-order mark is tolerated.
 *
 * @throws CommandError that names the entry and what is wrong with it.
 */
export function readObjectsFile(file: string): readonly SceneObject[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CommandError(`The objects file ${file} cannot be read: ${(error as Error).message}`);
  }
  const list = isObject(value) ? value['objects'] : value;
  if (!Array.isArray(list))
    throw new CommandError(`The objects file ${file} must hold a list, or an object with "objects".`);
  if (hasLoneSurrogate(list)) {
    throw new CommandError(
      `The objects file ${file} has half of a character pair (a lone surrogate). Write that text again.`,
    );
  }
  return list.map((entry, index) => parseEntry(entry, `${file}, object ${index + 1}`));
}

function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed();
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLoneSurrogate);
}

function parseEntry(entry: unknown, where: string): SceneObject {
  if (!isObject(entry)) throw new CommandError(`${where}: it must be {"name": "...", "description": "..."}.`);
  for (const [key, field] of Object.entries(entry)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined)
      throw new CommandError(`${where}: unknown key "${key}". Known: ${Object.keys(checks).join(', ')}.`);
    if (!check(field)) throw new CommandError(`${where}: "${key}" has a wrong value.`);
  }
  for (const key of ['name', 'description']) {
    if (!(key in entry)) throw new CommandError(`${where}: "${key}" is missing.`);
  }
  return entry as unknown as SceneObject;
}
