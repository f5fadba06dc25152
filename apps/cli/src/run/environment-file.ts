import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { CommandError } from './command-error.ts';
import { messages } from '../messages/messages.ts';

/**
 * Reads a `.env` file into `environment`. A byte-order mark is stripped, variables that exist already win (an empty one
 * exists too), and `${X}` is not expanded. UTF-8 and, as Windows editors write it, UTF-16 with its mark are read.
 *
 * @param path The file; `undefined` = `.env` in the working folder, which may be absent.
 * @throws CommandError when a named file cannot be read.
 */
export function loadEnvironmentFile(path: string | undefined, environment: NodeJS.ProcessEnv): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path ?? '.env');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (path === undefined && (code === 'ENOENT' || code === 'EISDIR')) return;
    throw new CommandError(messages().errors.environmentFile(path ?? '.env', String(code), path !== undefined));
  }
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  // TextDecoder strips the mark of its own encoding.
  const variables = parseEnv(new TextDecoder(encoding).decode(bytes));
  for (const [name, value] of Object.entries(variables)) environment[name] ??= value;
}
