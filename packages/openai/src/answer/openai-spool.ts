import { createReadStream } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '@holodeck/core';
import { AnswerDecoder } from './answer-decoder.ts';
import type { AnswerHandler } from './answer-decoder.ts';
import { answerFileName } from './answer-spool.ts';

/** One read of a kept answer; small, because each piece is decoded into another. */
const pieceBytes = 64 * 1024;

/** The kept answer in pieces. @throws {ImageError} kind `storage`: `lost` when it is gone, else `accepted`. */
export async function* readSpooledAnswer(directory: string | undefined, name: string): AsyncGenerator<Uint8Array> {
  if (directory === undefined || !/^[\w-]+\.answer$/.test(name)) {
    throw storage(
      'accepted',
      'The answer was kept in a folder that is not given here. Resume with the same output folder.',
    );
  }
  try {
    yield* createReadStream(join(directory, name), { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>;
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw storage('lost', `The kept answer ${name} is gone. It counts as paid; a new submission pays again.`, error);
    throw storage(
      'accepted',
      `The kept answer ${name} cannot be read (${code}). Check the disk and its permissions, then resume.`,
      error,
    );
  }
}

/**
 * Whether the whole answer of that attempt is there. One that was received completely, but not renamed before the process
 * died, is made whole.
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
  for await (const chunk of createReadStream(path, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) {
    decoder.write(chunk);
    if (decoder.done) break;
  }
  const { form, complete, items } = decoder.end();
  // A bare picture has no end that could be told from here.
  return form !== 'picture' && complete && items.some(({ content }) => content.kind !== 'none');
}

function storage(outcome: 'lost' | 'accepted', message: string, cause?: unknown): ImageError {
  return new ImageError({ kind: 'storage', outcome, backend: 'openai', message, cause });
}
