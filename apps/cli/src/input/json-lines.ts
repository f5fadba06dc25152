import { Buffer } from 'node:buffer';

import { messages } from '../messages/messages.ts';

/** A line of a file in which each line is a JSON value. */
export interface JsonLine {
  /** From 1, blank lines counted. */
  readonly number: number;
  /** Absent when the line's bytes are not UTF-8. */
  readonly text?: string;
}

/** No sensible task is longer; a file that is not JSON Lines must not fill the memory. */
export const maxLineLength: number = 16 * 1024 * 1024;

/**
 * Splits a stream of UTF-8 bytes into lines: a byte-order mark is stripped, LF and CRLF end a line, blank lines are
 * skipped but counted. Memory is bounded by the longest line.
 *
 * @throws RangeError when a line is longer than `maxLineLength` bytes, or the file is UTF-16.
 */
export async function* readJsonLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<JsonLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 0;
  let pending: Uint8Array[] = [];
  let pendingLength = 0;
  const finish = (): JsonLine | undefined => {
    number += 1;
    const bytes = Buffer.concat(pending);
    pending = [];
    pendingLength = 0;
    const isUtf16 =
      number === 1 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
    if (isUtf16) throw new RangeError(messages().errors.batch.utf16);
    try {
      // The decoder strips a byte-order mark at the start of what it decodes.
      const text = decoder.decode(bytes).trim();
      return text === '' ? undefined : { number, text };
    } catch {
      return { number };
    }
  };
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      pending.push(chunk.subarray(start, end));
      const line = finish();
      if (line !== undefined) yield line;
      start = end + 1;
    }
    pending.push(chunk.subarray(start));
    pendingLength += chunk.length - start;
    if (pendingLength > maxLineLength)
      throw new RangeError(messages().errors.batch.longLine(number + 1, maxLineLength));
  }
  if (pendingLength > 0) {
    const line = finish();
    if (line !== undefined) yield line;
  }
}
