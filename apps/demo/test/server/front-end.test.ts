import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { frontEnd } from '../support/demo-fixture.ts';

const bytesMost = 60_000;

/** What a browser loads before any click: the page, its files, and their imports. */
async function firstLoad(): Promise<ReadonlyMap<string, string>> {
  const files = await frontEnd();
  const loaded = new Map<string, string>();
  const load = (path: string): void => {
    const content = files.get(path)?.content;
    if (content === undefined) throw new Error(`${path} is named, and not there.`);
    if (loaded.has(path)) return;
    const text = typeof content === 'string' ? content : Buffer.from(content).toString();
    loaded.set(path, text);
    const named = path.endsWith('.html')
      ? [...text.matchAll(/(?:src|href)="([^"]+)"/g)]
      : [...text.matchAll(/(?:\bfrom|\bimport)\s*"([^"]+)"/g)];
    for (const [, name = ''] of named) load(new URL(name, `http://page${path}`).pathname);
  };
  load('/index.html');
  return loaded;
}

it('loads less than 60 kB at first, compressed, and three.js only with the stage', async () => {
  const loaded = await firstLoad();
  const scripts = [...loaded.keys()].filter((path) => path.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(0);
  let bytes = 0;
  for (const text of loaded.values()) bytes += gzipSync(text).byteLength;
  expect(bytes).toBeLessThan(bytesMost);

  const stage = [...(await frontEnd())].filter(([path]) => path.endsWith('.js') && !loaded.has(path));
  expect(stage.some(([, { content }]) => String(content).includes('WebGLRenderer'))).toBe(true);
  expect([...loaded.values()].some((text) => text.includes('WebGLRenderer'))).toBe(false);
});

it('has no inline script or style, which its policy would refuse', async () => {
  const page = String((await frontEnd()).get('/index.html')?.content);
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(page).not.toMatch(/<style|\bstyle=|\bon\w+=/);
});
