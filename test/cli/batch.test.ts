import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

const writeTasks = (text: string) => writeFileSync(join(workspace.folder, 'tasks.jsonl'), text);
const images = (folder: string) => readdirSync(join(workspace.folder, folder)).filter((name) => name.endsWith('.png'));

it('continues after malformed lines and reports their numbers', async () => {
  writeTasks(
    [
      '\uFEFF{"prompt": "一只红色的自行车", "out": "bicycle.png"}',
      '{"prompt": ',
      '',
      '{"prompt": "a teapot", "size": "99999x1"}',
      '{"prompt": "a teapot", "colour": "blue"}',
      '{"prompt": "a lamp", "out": "bicycle.png"}',
      '{"prompt": "一只红色的自行车", "out": "./bicycle.png"}',
      '{"prompt": "a chair"}',
      '{"prompt": "a chair"}',
      String.raw`{"prompt": "half of a pair: \ud83d"}`,
    ].join('\r\n'),
  );
  const run = await workspace.run(['batch', 'tasks.jsonl', '--out', 'images', '--json']);
  for (const [line, problem] of [
    [2, 'it is not JSON'],
    [4, 'The size 99999x1'],
    [5, '"colour" is not a known key'],
    [10, 'The prompt has half of a character pair'],
    [6, 'an earlier line writes to the same file bicycle.png'],
  ] as const) {
    expect.soft(run.stderr).toContain(`tasks.jsonl line ${line}: ${problem}`);
  }
  expect(run.stderr).toContain('line 7: an earlier line is the same');
  expect(run.stderr).toContain('3 made, 5 failed');
  expect(run.exitCode).toBe(1);
  // Equal lines without a file name make an image each.
  expect(images('images')).toHaveLength(3);
  expect(workspace.emulator.ledger.accepted).toBe(3);
  const results = run.json();
  expect(results.filter((result) => result['success'] === true)).toHaveLength(3);
  expect(results.filter((result) => result['success'] === false)).toHaveLength(5);
});

it('sends nothing when it runs again', async () => {
  writeTasks('{"prompt": "a"}\n{"prompt": "b"}\n{"prompt": "a"}\n');
  const first = await workspace.run(['batch', 'tasks.jsonl', '--out', 'images']);
  expect(first).toMatchObject({ exitCode: 0 });
  const again = await workspace.run(['batch', 'tasks.jsonl', '--out', 'images', '--json']);
  expect(again.exitCode).toBe(0);
  expect(again.json().map((result) => result['source'])).toEqual(['resumed', 'resumed', 'resumed']);
  expect(again.stderr).toContain('3 already there or paid for');
  expect(again.stderr).toContain('tasks.jsonl line 2: done');
  expect(workspace.emulator.ledger.submissions).toBe(3);
  expect(
    first.stdout
      .trim()
      .split('\n')
      .every((path) => existsSync(path)),
  ).toBe(true);
});

it('reads standard input', async () => {
  const run = await workspace.run(['batch', '-', '--quiet'], { input: '{"prompt": "a"}\nnonsense' });
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toMatch(/^error: standard input line 2: it is not JSON .*\n$/);
  expect(images('output')).toHaveLength(1);
});

it('makes every image even if an overloaded service refuses', async () => {
  workspace.emulator.set({ slotTailMs: 60 });
  writeTasks(Array.from({ length: 20 }, (_, index) => JSON.stringify({ prompt: `task ${index}` })).join('\n'));
  const run = await workspace.run(['batch', 'tasks.jsonl', '--quiet']);
  expect(run.stderr).toBe('');
  expect(run.exitCode).toBe(0);
  expect(images('output')).toHaveLength(20);
  expect(workspace.emulator.ledger).toMatchObject({ accepted: 20, billed: 20, delivered: 20, maxConcurrent: 1 });
});

it('two processes keep to the limit of one account', async () => {
  const line = (name: string) => Array.from({ length: 6 }, (_, index) => `{"prompt": "${name} ${index}"}`).join('\n');
  const runs = await Promise.all(
    ['a', 'b'].map((name) => workspace.run(['batch', '-', '--quiet', '--out', name], { input: line(name) })),
  );
  expect(runs.map((run) => run.exitCode)).toEqual([0, 0]);
  expect([...images('a'), ...images('b')]).toHaveLength(12);
  expect(workspace.emulator.ledger).toMatchObject({ accepted: 12, maxConcurrent: 1, refusals: 0 });
});

it('reads .env with a byte-order mark; existing variables win', async () => {
  writeFileSync(
    join(workspace.folder, '.env'),
    '\uFEFFHUNYUAN_SECRET_ID=AKIDOTHER\nHUNYUAN_SECRET_KEY=AKIDOTHER\nHUNYUAN_ENDPOINT=http://127.0.0.1:9\n',
  );
  const { secretId, secretKey } = workspace.emulator.credentials;
  const run = await workspace.run(['generate', 'a cup', '--json'], {
    env: { HUNYUAN_ENDPOINT: workspace.emulator.url },
  });
  expect(run).toMatchObject({ exitCode: 0 });
  const own = `\uFEFFHUNYUAN_SECRET_ID=${secretId}\nHUNYUAN_SECRET_KEY=${secretKey}\n`;
  writeFileSync(join(workspace.folder, '.env'), own);
  const env = { HUNYUAN_SECRET_ID: undefined, HUNYUAN_SECRET_KEY: undefined };
  expect(await workspace.run(['generate', 'a saucer'], { env })).toMatchObject({ exitCode: 0 });
  expect(await workspace.run(['generate', 'a spoon', '--no-dotenv'], { env })).toMatchObject({ exitCode: 3 });
  expect(readFileSync(join(workspace.folder, '.env'), 'utf8')).toBe(own);
});

it('works with a read-only home, and warns about the consequences', async () => {
  const run = await workspace.run(['generate', 'a cup'], { env: { HOME: '/dev/null/home' } });
  expect(run.stderr).toContain('warning: other processes');
  expect(run.exitCode).toBe(0);
});
