import { parseEnv } from 'node:util';

import { readRegularFileNow } from '@holodeck/core/backend';

import { CommandError } from './command-error.ts';
import { messages } from '../messages/messages.ts';
import { suggest } from '../options/suggest.ts';

/** Far more than any file of variables. */
const maxBytes = 1024 * 1024;

/**
 * Reads a `.env` file into `environment`. A byte-order mark is stripped, variables that exist already win (an empty one
 * exists too), and `${X}` is not expanded. UTF-8 and, as Windows editors write it, UTF-16 with its mark are read.
 *
 * @param path The file; `undefined` = `.env` in the working folder, which may be absent.
 * @param known The variables that are read; a name that is nearly one of them is a problem. Default: none.
 * @returns What is wrong with its lines, without their values: those are secrets.
 * @throws CommandError when a named file cannot be read.
 */
export function loadEnvironmentFile(
  path: string | undefined,
  environment: NodeJS.ProcessEnv,
  known: readonly string[] = [],
): readonly string[] {
  const file = path ?? '.env';
  let bytes: Uint8Array;
  try {
    bytes = readRegularFileNow(file, maxBytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (path === undefined && (code === 'ENOENT' || code === 'EISDIR')) return [];
    throw new CommandError(messages().errors.environmentFile(file, String(code), path !== undefined));
  }
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  // TextDecoder strips the mark of its own encoding.
  const text = new TextDecoder(encoding).decode(bytes);
  for (const [name, value] of Object.entries(parseEnv(text))) environment[name] ??= value;
  return problemsOf(text.split(/\r?\n/), file, known);
}

function problemsOf(lines: readonly string[], file: string, known: readonly string[]): readonly string[] {
  const { notVariable, openQuote, nearVariable } = messages().errors.environmentLine;
  const problems: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]?.trim() ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const where = messages().reports.line(file, index + 1);
    const [, name, value = ''] = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      problems.push(notVariable(where));
      continue;
    }
    const near = known.includes(name) ? undefined : suggest(name, known);
    if (near !== undefined) problems.push(nearVariable(where, name, near));
    const [quote = ''] = /^["'`]/.exec(value) ?? [];
    if (quote === '' || value.includes(quote, 1)) continue;
    // A quoted value may go on over the next lines.
    const end = lines.findIndex((later, at) => at > index && later.includes(quote));
    if (end === -1) problems.push(openQuote(where, name));
    else index = end;
  }
  return problems;
}
