import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { invalidRequest } from '../contract/index.ts';
import type { PreparedReference, ReferenceInput } from '../contract/index.ts';
import { inspectImage } from '../images/image-inspector.ts';
import type { Message } from '../messages/message.ts';
import { maxPictureBytes, readRegularFile } from '../internal/read-regular-file.ts';
import { showValue } from '../internal/show-value.ts';
import { abortError } from '../tasks/as-image-error.ts';
import { say as sayOfLimits } from '../limits/limit-messages.ts';
import { say } from './request-messages.ts';

/** The name of the reference at this index (from 0) in messages. */
export function referenceName(index: number, path?: string): Message {
  const number = index + 1;
  return path === undefined ? say('reference', { number }) : say('reference-at', { number, path });
}

/**
 * Reads, checks and hashes one reference picture.
 * @throws {ImageError} kind `invalid-request` if it cannot be read or is not a complete picture.
 */
export async function prepareReference(
  input: ReferenceInput,
  index: number,
  signal?: AbortSignal,
): Promise<PreparedReference> {
  const reference = referenceName(index);
  if ((input.path === undefined) === (input.bytes === undefined))
    throw invalidRequest(say('reference-source', { reference }));
  if (input.path !== undefined && /^(?:https?|file|data):/i.test(input.path)) {
    throw invalidRequest(say('reference-address', { reference }));
  }
  const role = input.role ?? 'style';
  if (role !== 'style' && role !== 'init')
    throw invalidRequest(say('reference-role', { reference, role: showValue(role) }));
  const path = input.path === undefined ? undefined : resolve(input.path);
  const bytes = path === undefined ? Uint8Array.from(input.bytes as Uint8Array) : await read(path, reference, signal);
  const info = inspectImage(bytes);
  const name = referenceName(index, path);
  if (info === undefined) throw invalidRequest(say('reference-unknown', { reference: name }));
  if (!info.complete) throw invalidRequest(say('reference-damaged', { reference: name }));
  const sha256 = hash(bytes);
  return {
    role,
    sha256,
    mediaType: info.mediaType,
    width: info.width,
    height: info.height,
    byteLength: bytes.byteLength,
    ...(path === undefined ? {} : { path }),
    async read() {
      if (path === undefined) return bytes;
      const again = await read(path, reference);
      if (hash(again) === sha256) return again;
      throw invalidRequest(say('reference-changed', { reference: name }));
    },
  };
}

async function read(path: string, reference: Message, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    return await readRegularFile(path, maxPictureBytes, signal);
  } catch (error) {
    if (signal?.aborted === true)
      throw abortError(signal, { outcome: 'not-submitted', ...sayOfLimits('stopped-waiting') });
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw invalidRequest(say('reference-unreadable', { reference, path, code }), { cause: error });
  }
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
