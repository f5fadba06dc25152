import { expect, it } from 'vitest';
import { limits } from '../../src/shared/demo-api.ts';
import { readObjectList, withMoved, withObjects } from '../../web/lib/object-list.ts';

it.each([
  ['stool: an old stool\nlantern', ['stool|an old stool', 'lantern|']],
  ['- stool — three legs\n2. 灯笼：一盏红纸灯笼\n\n• pot', ['stool|three legs', '灯笼|一盏红纸灯笼', 'pot|']],
  ['stool, soup pot、面碗；table', ['stool|', 'soup pot|', '面碗|', 'table|']],
  ['half-timbered house\ttall', ['half-timbered house|tall']],
  [' \n , \n', []],
])('reads a pasted list: %j', (text, wanted) => {
  expect(readObjectList(text).map(({ name, description }) => `${name}|${description}`)).toEqual(wanted);
});

it('cuts what is longer than a field takes', () => {
  const [object] = readObjectList(`${'n'.repeat(200)}: ${'d'.repeat(900)}`);
  expect([object?.name.length, object?.description.length]).toEqual([limits.name, limits.description]);
});

const rows = ['a', 'b', 'c'].map((name) => ({ name, description: '' }));

it('fills empty rows first, and stops at the limit', () => {
  const empty = { name: ' ', description: '' };
  expect(
    withObjects([empty, ...rows, empty], [{ name: 'd', description: '' }])
      .map(({ name }) => name)
      .join(''),
  ).toBe('abcd');
  expect(
    withObjects(
      rows,
      Array.from({ length: 40 }, () => ({ name: 'x', description: '' })),
    ),
  ).toHaveLength(limits.objects);
});

it('moves an object to another place', () => {
  const order = (from: number, to: number): string =>
    withMoved(rows, from, to)
      .map(({ name }) => name)
      .join('');
  expect([order(0, 2), order(2, 0), order(1, 1), order(0, 9), order(5, 0)]).toEqual([
    'bca',
    'cab',
    'abc',
    'bca',
    'abc',
  ]);
});
