import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StagedFile } from './staged-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holodeck-staged-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a staged file', () => {
  it('holds small and large pieces in the order of the calls, also of those that nobody waited for', async () => {
    const path = join(folder, 'a');
    const file = new StagedFile(path);
    const pieces = [10, 300_000, 5, 200_000, 100_000, 1].map((size, index) => Buffer.alloc(size, index + 1));
    for (const piece of pieces) void file.write(piece);
    await file.finish();
    expect(readFileSync(path).equals(Buffer.concat(pieces))).toBe(true);
  });

  it('that is removed while it is being finished leaves alone the file that gets its descriptor', async () => {
    const file = new StagedFile(join(folder, 'a'));
    void file.write(Buffer.alloc(300_000, 1));
    const finished = file.finish().catch(() => undefined);
    await file.remove();
    const [other, another] = [new StagedFile(join(folder, 'b')), new StagedFile(join(folder, 'c'))];
    await finished;
    for (const each of [other, another]) {
      await each.write(Buffer.from('whole'));
      await each.finish();
    }
    expect(existsSync(join(folder, 'a'))).toBe(false);
    expect(['b', 'c'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['whole', 'whole']);
  });

  it('takes nothing after its end', async () => {
    const file = new StagedFile(join(folder, 'a'));
    await file.remove();
    await expect(file.write(Buffer.from('x'))).rejects.toThrow(/closed/);
    await expect(file.finish()).rejects.toThrow(/closed/);
    await file.remove();
  });
});
