import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { loadEnvironmentFile } from './environment-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'environment-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('loadEnvironmentFile', () => {
  it.each([
    ['UTF-8 with a mark', Buffer.from('\uFEFFA=1\nB="two words"\nexport C=3 # c\n')],
    ['UTF-16 with a mark', Buffer.from('\uFEFFA=1\r\nB="two words"\r\nexport C=3\r\n', 'utf16le')],
  ])('reads %s; existing variables win', (_name, bytes) => {
    const path = join(folder, 'env');
    writeFileSync(path, bytes);
    const environment: NodeJS.ProcessEnv = { B: '', D: 'kept' };
    expect(loadEnvironmentFile(path, environment)).toEqual([]);
    expect(environment).toEqual({ A: '1', B: '', C: '3', D: 'kept' });
  });

  it('names the lines that are wrong, and never shows a value', () => {
    const path = join(folder, 'env');
    const lines = [
      '# a comment',
      'secret-1',
      'A="secret-2',
      'HUNYUAN_SECRETID=secret-3',
      "B='two",
      "lines'",
      'OTHER=1',
      'C',
    ];
    writeFileSync(path, lines.join('\n'));
    const problems = loadEnvironmentFile(path, {}, ['HUNYUAN_SECRET_ID', 'A', 'B']);
    expect(problems).toEqual([
      `${path} line 2 is not a variable. Write NAME=value, or put # before a comment.`,
      `${path} line 3: the value of A has no closing quote.`,
      `${path} line 4: HUNYUAN_SECRETID is not a known variable. Did you mean HUNYUAN_SECRET_ID?`,
      `${path} line 8 is not a variable. Write NAME=value, or put # before a comment.`,
    ]);
  });

  it('names a file that is missing', () => {
    expect(() => loadEnvironmentFile(join(folder, 'none'), {})).toThrow(/cannot be read \(ENOENT\).*--dotenv/);
  });
});
