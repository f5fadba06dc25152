import { describe, expect, it } from 'vitest';

import { parseBatchLine } from './batch-file.ts';

const parse = (value: unknown) => parseBatchLine({ number: 3, text: JSON.stringify(value) });
const problemOf = (value: unknown): string => {
  const line = parse(value);
  return 'problem' in line ? line.problem : 'no problem';
};

describe('parseBatchLine', () => {
  it('reads a whole task', () => {
    const line = parse({
      prompt: '雨夜的面馆',
      size: '1024x768',
      seed: 0,
      references: ['a.png', { path: 'b.png', role: 'init' }],
      out: 'x/y.png',
      style: null,
    });
    expect(line).toEqual({
      number: 3,
      task: {
        prompt: '雨夜的面馆',
        size: '1024x768',
        seed: 0,
        references: [{ path: 'a.png' }, { path: 'b.png', role: 'init' }],
        outputPath: 'x/y.png',
      },
    });
  });

  it.each([
    [{ promt: 'x' }, 'Did you mean "prompt"?'],
    [{ colour: 'x' }, 'Known keys'],
    [{ prompt: 'x', output_path: 'a' }, 'Did you mean "outputPath"?'],
    [{ prompt: 'x', resolution: '1:1' }, 'Did you mean "size"?'],
    [{ prompt: 'x', __proto__x: 1 }, 'not a known key'],
    [{ prompt: 5 }, '"prompt" must be a string'],
    [{ seed: 5 }, 'no "prompt"'],
    [{ prompt: null }, 'no "prompt"'],
    [{ prompt: 'x', out: 'a', outputPath: 'b' }, 'both'],
    [{ prompt: 'x', references: [5] }, 'reference'],
    [{ prompt: 'x', references: [{ path: 'a', role: 'b' }] }, 'role'],
    [{ prompt: 'x', format: 'gif' }, '"png"'],
    ['text', 'JSON object'],
    [[1], 'JSON object'],
  ])('names what is wrong with %j', (value, problem) => {
    expect(problemOf(value)).toContain(problem);
  });

  it('takes no inherited name for a key', () => {
    expect(problemOf({ prompt: 'x', constructor: 1 })).toContain('not a known key');
  });

  it('names broken JSON and broken UTF-8', () => {
    expect(parseBatchLine({ number: 1, text: '{"prompt": ' })).toHaveProperty('problem');
    expect(parseBatchLine({ number: 1 })).toEqual({ number: 1, problem: 'it is not UTF-8 text' });
  });
});
