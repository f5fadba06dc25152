import { isBlank } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { limits, switchNames } from '../shared/demo-api.ts';
import type { CreateSession, ObjectInput, ServiceSwitches } from '../shared/demo-api.ts';
import type { DownPolicy } from '../shared/session-view.ts';
import { say } from './demo-messages.ts';
import { HttpError } from './http-error.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a JSON object. @throws HttpError 400. */
export function fieldsOf(value: unknown, name?: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad(name === undefined ? say('request-not-object') : say('not-object', { name }));
  }
  return value as Fields;
}

/** A scene as the user wrote it. @throws HttpError 400 that names the field. */
export function readCreateSession(value: unknown): CreateSession & { readonly start: boolean } {
  const { text, style = '', objects = [], policy = 'fail', start = true } = fieldsOf(value);
  if (!Array.isArray(objects)) throw bad(say('not-array', { name: 'objects' }));
  if (objects.length > limits.objects)
    throw bad(say('too-many-objects', { most: limits.objects, count: objects.length }));
  return {
    text: textOf(text, 'text', limits.text, 1),
    style: textOf(style, 'style', limits.style, 0),
    objects: objects.map(readObject),
    policy: readPolicy(policy),
    start: start !== false,
  };
}

function readObject(value: unknown, index: number): ObjectInput {
  const { name, description = '' } = fieldsOf(value, `objects[${index}]`);
  return {
    name: textOf(name, `objects[${index}].name`, limits.name, 1),
    description: textOf(description, `objects[${index}].description`, limits.description, 0),
  };
}

/** Texts in which objects are to be found: as many as a scene has objects. @throws HttpError 400 */
export function readTexts(value: unknown): readonly string[] {
  const { texts } = fieldsOf(value);
  if (!Array.isArray(texts)) throw bad(say('not-array', { name: 'texts' }));
  if (texts.length > limits.objects) throw bad(say('too-many-objects', { most: limits.objects, count: texts.length }));
  return texts.map((text, index) => textOf(text, `texts[${index}]`, limits.text, 0));
}

/** @throws HttpError 400 */
export function readPolicy(value: unknown): DownPolicy {
  if (value === 'fail' || value === 'wait' || value === 'restart') return value;
  throw bad(say('bad-policy'));
}

/** Trimmed text in Unicode normal form C; empty if it shows nothing. @throws HttpError 400 */
export function textOf(value: unknown, label: string, longest: number, shortest = 1): string {
  if (typeof value !== 'string') throw bad(say('not-text', { name: label }));
  if (!value.isWellFormed()) throw bad(say('not-unicode', { name: label }));
  const text = isBlank(value) ? '' : value.normalize('NFC').trim();
  if (text.length < shortest) throw bad(say('empty-text', { name: label }));
  if (text.length > longest) throw bad(say('long-text', { name: label, count: text.length, most: longest }));
  return text;
}

/** @throws HttpError 400 */
export function readSwitches(value: unknown): Partial<ServiceSwitches> {
  const fields = fieldsOf(value);
  const changes: Record<string, boolean> = {};
  for (const [name, on] of Object.entries(fields)) {
    if (!switchNames.some((known) => known === name)) throw bad(say('no-switch', { name }));
    if (typeof on !== 'boolean') throw bad(say('bad-switch', { name }));
    changes[name] = on;
  }
  return changes;
}

function bad(said: Message): HttpError {
  return new HttpError(400, 'invalid-request', said);
}
