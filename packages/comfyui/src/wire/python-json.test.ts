import { expect, it } from 'vitest';
import { parsePythonJson } from './python-json.ts';

it.each([
  ['{"a":[NaN,-Infinity , Infinity]}', { a: [null, null, null] }],
  ['{"NaN":"say \\"NaN\\" or -Infinity","b":NaN}', { NaN: 'say "NaN" or -Infinity', b: null }],
  ['{"a":"NaN"}', { a: 'NaN' }],
])('reads %s', (text, value) => {
  expect(parsePythonJson(text)).toEqual(value);
});

it.each(['', '<html>', '{"a":NaN', 'NaNa', '"Infinity'])('throws for %j', (text) => {
  expect(() => parsePythonJson(text)).toThrow(SyntaxError);
});
