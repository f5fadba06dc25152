/** What Hy-Image 3.5 takes: the fields of the body, the turn to draw, and the size that it makes of the one asked for. */
import { createHash } from 'node:crypto';
import { isRecord } from '../base/is-record.ts';
import { readImageHeader } from '../base/image-header.ts';
import type { Parameters } from './parameters.ts';
import { HubError } from './hub-error.ts';

const maxReferences = 20;
const maxReferenceBytes = 20 * 1024 * 1024;

/** Fields of the vendor's table, and `logo_add`, which only its partners send. */
const fields: Readonly<Record<string, 'string' | 'integer' | 'array' | 'object'>> = {
  model: 'string',
  messages: 'array',
  size: 'string',
  generate_max_pixels: 'integer',
  resize_max_pixels: 'integer',
  seed: 'integer',
  session: 'string',
  footnote: 'string',
  use_search_tool: 'object',
  logo_add: 'integer',
};

/** The instruction of one turn. */
export interface Turn {
  readonly prompt: string;
  /** Pictures of this turn, and addresses that are not on loopback. */
  readonly pictures: readonly Uint8Array[];
  /** What the picture follows besides the words. */
  readonly look: string;
  /** Addresses in the messages before this turn. */
  readonly historyLinks: readonly string[];
}

/** @throws {HubError} for a field that is missing, of another type or, unless `lenient`, unknown. */
export function checkFields(body: unknown, lenient: boolean): Parameters {
  if (!isRecord(body)) throw invalid('the request body is not a JSON object');
  for (const [name, value] of Object.entries(body)) {
    const type = fields[name];
    if (type === undefined) {
      if (!lenient) throw invalid(`不支持该字段: ${name}`);
    } else if (!hasType(value, type)) {
      throw invalid(`invalid parameter '${name}'`);
    }
  }
  for (const name of ['model', 'messages']) {
    if (body[name] === undefined) throw invalid(`invalid parameter '${name}': ${name} is required`);
  }
  const { footnote } = body;
  if (typeof footnote === 'string' && Array.from(footnote).length > 16) {
    throw invalid("invalid parameter 'footnote': at most 16 characters");
  }
  return body;
}

function hasType(value: unknown, type: 'string' | 'integer' | 'array' | 'object'): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isSafeInteger(value);
  return type === 'object' ? isRecord(value) : typeof value === 'string';
}

/** The last message of the user is the instruction; all others are history. @throws {HubError} */
export function readTurn(messages: readonly unknown[]): Turn {
  const at = messages.findLastIndex((message) => isRecord(message) && message['role'] === 'user');
  const parts = partsOf(messages[at]);
  const prompt = parts
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('\n')
    .trim();
  if (prompt === '') throw invalid("invalid parameter 'messages': the last user message has no text");
  const urls = parts.flatMap((part) => urlOf(part) ?? []);
  if (urls.length > maxReferences) throw invalid(`at most ${maxReferences} images`);
  const pictures = urls.filter((url) => url.startsWith('data:')).map((url) => decode(url));
  const history = messages.filter((_message, index) => index !== at).flatMap((message) => partsOf(message));
  const hash = createHash('sha256').update(JSON.stringify(history));
  for (const url of urls) hash.update(url);
  return {
    prompt,
    pictures,
    look: urls.length + history.length === 0 ? '' : hash.digest('hex'),
    historyLinks: history.flatMap((part) => urlOf(part) ?? []).filter((url) => url.startsWith('http')),
  };
}

function partsOf(message: unknown): readonly Readonly<Record<string, unknown>>[] {
  const content = isRecord(message) ? message['content'] : undefined;
  return Array.isArray(content) ? content.filter((part) => isRecord(part)) : [];
}

function urlOf({ image_url: image }: Readonly<Record<string, unknown>>): string | undefined {
  return isRecord(image) && typeof image['url'] === 'string' ? image['url'] : undefined;
}

function decode(url: string): Uint8Array {
  const base64 = /^data:image\/[\w.+-]+;base64,([A-Za-z0-9+/]+={0,2})$/.exec(url)?.[1];
  if (base64 === undefined) throw invalid('image_url is not a data URI of a picture in base64');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > maxReferenceBytes) throw invalid('an image has more than 20 MB');
  if (readImageHeader(bytes) === undefined) throw invalid('an image cannot be decoded');
  return bytes;
}

/**
 * Sizes are bent and not refused: sides are cut down to multiples of 16 and raised to 256. Without a size the model draws
 * within `generate_max_pixels`.
 */
export function sizeOf({ size, generate_max_pixels: maxPixels }: Parameters): { width: number; height: number } {
  const bend = (side: number): number => Math.min(8192, Math.max(256, Math.floor(side / 16) * 16));
  const match = /^(\d+)x(\d+)$/.exec(typeof size === 'string' ? size : '');
  if (typeof size === 'string' && match === null) throw invalid("invalid parameter 'size'");
  if (match !== null) return { width: bend(Number(match[1])), height: bend(Number(match[2])) };
  const side = bend(Math.sqrt(typeof maxPixels === 'number' ? maxPixels : 2_359_296));
  return { width: side, height: side };
}

/** Tokens are flat in each tier, whatever the picture holds. */
export function tokensOf({ width, height }: { width: number; height: number }): number {
  return width * height > 4_194_304 ? 20_000 : 15_000;
}

function invalid(text: string): HubError {
  return new HubError(400, 'invalid_request_error', '400001', text);
}
