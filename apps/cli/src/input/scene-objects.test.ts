import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { parseObjectOption, readObjectsFile } from './scene-objects.ts';

describe('parseObjectOption', () => {
  it.each([
    ['书架: 高大的橡木书架', { name: '书架', description: '高大的橡木书架' }],
    ['书架：高大的：橡木书架', { name: '书架', description: '高大的：橡木书架' }],
    ['lamp:brass desk lamp, 3:4', { name: 'lamp', description: 'brass desk lamp, 3:4' }],
    ['lamp', { name: 'lamp', description: 'lamp' }],
  ])('reads %j', (text, object) => {
    expect(parseObjectOption(text)).toEqual(object);
  });

  it.each(['', ' : x', 'x:', ':'])('refuses %j', (text) => {
    expect(() => parseObjectOption(text)).toThrow('name: description');
  });
});

describe('readObjectsFile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scene-objects-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (content: string) => {
    writeFileSync(join(folder, 'objects.json'), content);
    return readObjectsFile(join(folder, 'objects.json'));
  };

  it('reads a list, or an object with a list, with a byte-order mark', () => {
    const objects = [{ id: 'a', name: 'A', description: 'an a', seed: 3, size: '512x512' }];
    expect(read(JSON.stringify(objects))).toEqual(objects);
    expect(read(`\uFEFF${JSON.stringify({ objects })}`)).toEqual(objects);
  });

  it.each([
    ['{', 'cannot be read'],
    ['{}', 'must hold a list'],
    ['[1]', 'object 1'],
    ['[{"name":"a","description":"b"},{"name":"a"}]', 'object 2: "description" is missing'],
    ['[{"name":"a","description":"b","colour":1}]', 'unknown key "colour"'],
    [String.raw`[{"name":"a","description":"\ud800"}]`, 'lone surrogate'],
    ['[{"name":"a","description":"b","seed":"1"}]', '"seed" has a wrong value'],
  ])('names what is wrong with %s', (content, problem) => {
    expect(() => read(content)).toThrow(problem);
  });
});
