import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '@holodeck/core';
import { AnswerDecoder } from './answer-decoder.ts';
import type { Message } from '@holodeck/core/messages';
import { say } from '../openai-messages.ts';
import type { AnswerHandler } from './answer-decoder.ts';
import { answerFileName } from './answer-spool.ts';

/** One read of a kept answer: each goes through another thread. */
const readBytes = 256 * 1024;
/** One piece of it; small, because each becomes a text before it is decoded. */
const pieceBytes = 64 * 1024;
/** Buffers for the next answers: the garbage collector frees them late, and goes over the whole heap for them. */
const freeBuffers: Buffer[] = [];
const mostFreeBuffers = 4;

/** The kept answer in pieces, each of which is valid until the next. @throws {ImageError} kind `storage`: `lost` when it is gone, else `accepted`. */
export async function* readSpooledAnswer(directory: string | undefined, name: string): AsyncGenerator<Uint8Array> {
  if (directory === undefined || !/^[\w-]+\.answer$/.test(name)) {
    throw storage('accepted', say('spool-elsewhere'));
  }
  try {
    yield* readInPieces(join(directory, name));
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw storage('lost', say('spool-gone', { file: name }), error);
    throw storage('accepted', say('spool-unreadable', { file: name, code }), error);
  }
}

/**
 * Whether the whole answer of that attempt is there. An answer that arrived whole, but was not renamed before the process died,
 * is renamed now.
 */
export async function findSpooledAnswer(directory: string | undefined, key: string): Promise<boolean> {
  if (directory === undefined || !/^[\w-]+$/.test(key)) return false;
  const path = join(directory, answerFileName(key));
  if (await isFile(path)) return true;
  const part = join(directory, `${key}.part`);
  if (!(await isFile(part)) || !(await isWhole(part))) return false;
  const file = await open(part, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  return true;
}

async function* readInPieces(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  const buffer = freeBuffers.pop() ?? Buffer.allocUnsafeSlow(readBytes);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, readBytes, null);
      if (bytesRead === 0) return;
      for (let at = 0; at < bytesRead; at += pieceBytes)
        yield buffer.subarray(at, Math.min(at + pieceBytes, bytesRead));
    }
  } finally {
    await file.close();
    if (freeBuffers.length < mostFreeBuffers) freeBuffers.push(buffer);
  }
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

const ignoring: AnswerHandler = {
  imageStart: () => false,
  imageData: () => undefined,
  imageEnd: () => undefined,
  preview: () => undefined,
};

async function isWhole(path: string): Promise<boolean> {
  const decoder = new AnswerDecoder(ignoring);
  for await (const chunk of readInPieces(path)) {
    decoder.write(chunk);
    if (decoder.done) break;
  }
  const { form, complete, items } = decoder.end();
  // The end of a bare picture is not visible here.
  return form !== 'picture' && complete && items.some(({ content }) => content.kind !== 'none');
}

function storage(outcome: 'lost' | 'accepted', said: Message, cause?: unknown): ImageError {
  return new ImageError({ kind: 'storage', outcome, backend: 'openai', ...said, cause });
}
