import { readTextFile } from '@holodeck/core/backend';
import { CommandError } from '../run/command-error.ts';
import { messages } from '../messages/messages.ts';
import { reasonOf } from '../run/reason-of.ts';

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
    throw new CommandError(messages().errors.objects.option(JSON.stringify(text)));
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
  const { objects } = messages().errors;
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(file));
  } catch (error) {
    throw new CommandError(objects.cannotRead(file, reasonOf(error)));
  }
  const list = isObject(value) ? value['objects'] : value;
  if (!Array.isArray(list)) throw new CommandError(objects.notList(file));
  if (hasLoneSurrogate(list)) {
    throw new CommandError(objects.loneSurrogate(file));
  }
  return list.map((entry, index) =>
    parseEntry(entry, (problem) => new CommandError(objects.entry(file, index + 1, problem))),
  );
}

function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed();
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLoneSurrogate);
}

function parseEntry(entry: unknown, wrong: (problem: string) => CommandError): SceneObject {
  const { notObject, unknownKey, wrongValue, missing } = messages().errors.objects;
  if (!isObject(entry)) throw wrong(notObject);
  for (const [key, field] of Object.entries(entry)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) throw wrong(unknownKey(key, Object.keys(checks).join(', ')));
    if (!check(field)) throw wrong(wrongValue(key));
  }
  for (const key of ['name', 'description']) {
    if (!(key in entry)) throw wrong(missing(key));
  }
  return entry as unknown as SceneObject;
}
