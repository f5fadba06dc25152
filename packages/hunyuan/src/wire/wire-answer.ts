import { isRecord, retryAfterMs } from '@holodeck/core/backend';
import type { WireAnswer } from './hunyuan-wire.ts';

/** The longest answer that is read, in bytes after decompression: answers about jobs have a few KB. */
export const maxAnswerBytes: number = 1024 * 1024;

/** What has fewer characters than this is a word and not a secret: blanking it would damage answers. */
const minSecretLength = 8;

/** The body is longer than any answer of the service. */
export class LongAnswerError extends Error {}

/**
 * The whole body as text.
 * @throws {LongAnswerError} beyond `maxBytes`; the rest is not read.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array | string> | null,
  maxBytes: number = maxAnswerBytes,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new LongAnswerError(`more than ${maxBytes} bytes`);
    chunks.push(Buffer.from(chunk as Uint8Array));
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body as a JSON object, without the caller's secrets, which a server may echo; undefined where it is something else. */
export function parseAnswer(text: string, secrets: readonly string[]): WireAnswer | undefined {
  try {
    const value: unknown = JSON.parse(text, (_name, inner: unknown) =>
      typeof inner === 'string' ? withoutSecrets(inner, secrets) : inner,
    );
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A text from outside in which the caller's secrets are blanked. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= minSecretLength) clean = clean.replaceAll(secret, '***');
  return clean;
}

/** What the headers of an answer say about time. */
export interface AnswerTimes {
  /** The service's clock less this machine's, in milliseconds; exact to about a second. */
  readonly clockSkewMs: number | undefined;
  readonly retryAfterMs: number | undefined;
}

export function readTimes(headers: { get(name: string): string | null }): AnswerTimes {
  const then = Date.parse(headers.get('date') ?? '');
  return {
    // The header has whole seconds, cut off: on average it is half a second old.
    clockSkewMs: Number.isNaN(then) ? undefined : then + 500 - Date.now(),
    retryAfterMs: retryAfterMs(headers.get('retry-after')),
  };
}
