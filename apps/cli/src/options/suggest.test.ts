import { expect, it } from 'vitest';

import { suggest } from './suggest.ts';

const names = ['hunyuan', 'openai', 'comfyui', 'auto'];

it.each([
  ['hunyaun', 'hunyuan'],
  ['HUNYUAN', 'hunyuan'],
  ['open-ai', 'openai'],
  ['confyui', 'comfyui'],
  ['dalle', undefined],
  ['', undefined],
  ['x'.repeat(10_000), undefined],
])('%.20s: %s', (word, name) => {
  expect(suggest(word, names)).toBe(name);
});
