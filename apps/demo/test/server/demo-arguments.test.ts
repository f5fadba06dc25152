import { expect, it } from 'vitest';
import { isLoopbackAddress } from '../../src/server/access.ts';
import { languageOf, readDemoArguments, usage } from '../../src/server/demo-arguments.ts';

it('uses emulators, on this machine alone, by default', () => {
  expect(readDemoArguments([])).toEqual({ live: false, port: 5180, host: '127.0.0.1', out: undefined, help: false });
  expect(readDemoArguments(['--', '--live', '--port', '0', '--host', '::', '--out', 'here'])).toEqual({
    live: true,
    port: 0,
    host: '::',
    out: 'here',
    help: false,
  });
});

it.each(['-1', '65536', '80a', '', '1.5', '0x50'])('refuses the port "%s"', (port) => {
  expect(() => readDemoArguments([`--port=${port}`])).toThrow(/is not a port/);
});

it('says everything in Chinese with --lang zh', () => {
  expect(languageOf(['--lang', 'zh'])).toBe('zh');
  expect(languageOf(['--live'])).toBe('en');
  expect(() => readDemoArguments(['--lang=zh', '--port=x'])).toThrow(/不是端口/);
  expect(() => readDemoArguments(['--lang', 'fr'])).toThrow(/en or zh/);
  const options = (text: string): readonly string[] => text.match(/--\w+/g) ?? [];
  expect(options(usage.zh)).toEqual(options(usage.en));
});

it('refuses what it does not know', () => {
  expect(() => readDemoArguments(['--lvie'])).toThrow(/--lvie/);
  expect(() => readDemoArguments(['live'])).toThrow(/live/);
});

it.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.5', false],
  ['127.evil.example', false],
])('%s is reached from this machine alone: %s', (address, isAlone) => {
  expect(isLoopbackAddress(address)).toBe(isAlone);
});
