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
    loadEnvironmentFile(path, environment);
    expect(environment).toEqual({ A: '1', B: '', C: '3', D: 'kept' });
  });

  it('names a file that is missing', () => {
    expect(() => loadEnvironmentFile(join(folder, 'none'), {})).toThrow(/cannot be read \(ENOENT\).*--dotenv/);
  });
});
