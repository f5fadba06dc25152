import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { ManualClock } from '@holodeck/emulators';
import xterm from '@xterm/headless';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { commandLine } from '../support/command-line.ts';
import { compileCache } from '../support/compile-cache.ts';
import { until } from '../support/until.ts';
import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

const hasScript = spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0;

let workspace: Workspace;
let clock: ManualClock;
beforeEach(async () => {
  // Jobs run until the test moves the emulator's time.
  clock = new ManualClock();
  workspace = await openWorkspace({ clock, jobMs: 1000 });
});
afterEach(() => workspace.close());

/** A run on a terminal: `script` opens a pseudo-terminal and keeps its screen. */
function startOnTerminal(args: readonly string[], env: Readonly<Record<string, string>>) {
  const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
  const words = [process.execPath, ...commandLine, ...args];
  const line = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  const { emulator, folder } = workspace;
  const child = spawn('script', ['-qefc', `stty cols 80 rows 24; ${line}`, '/dev/null'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      ...compileCache,
      HOME: join(folder, '.home'),
      TERM: 'xterm-256color',
      HUNYUAN_ENDPOINT: emulator.url,
      HUNYUAN_SECRET_ID: emulator.credentials.secretId,
      HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
      ...env,
    },
  });
  let raw = '';
  const watchers = new Set<() => void>();
  const lines = (): readonly string[] => {
    const { active } = terminal.buffer;
    const all = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
    return all.slice(0, all.findLastIndex((text) => text !== '') + 1);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    terminal.write(text, () => {
      for (const watcher of watchers) watcher();
    });
  });
  const finished = new Promise<number | null>((resolve) => {
    // The last output may not have reached the screen yet.
    child.once('close', (code) => terminal.write('', () => resolve(code)));
  });
  /** Resolves when the screen shows it; rejects if the run ends without it. */
  const seen = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(lines().join('\n'))) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      void finished.then(() => reject(new Error(`The run ended without ${pattern}:\n${raw}`)));
    });
  return { finished, seen, lines, raw: () => raw };
}

/** Resolves when the service has accepted so many jobs: the screen may show one that has not arrived there yet. */
function taken(count: number): Promise<void> {
  return until(() => workspace.emulator.ledger.accepted === count);
}

describe.skipIf(!hasScript)('on a terminal', () => {
  it('shows bars while jobs run, keeps results and log lines intact, and leaves no bar behind', async () => {
    writeFileSync(
      join(workspace.folder, 'tasks.jsonl'),
      '{"prompt": "书架", "taskId": "书架"}\n{"prompt": "b", "taskId": "b"}\n',
    );
    const run = startOnTerminal(['batch', 'tasks.jsonl'], { LANG: 'zh_CN.UTF-8' });
    await run.seen(/^\[#*\.+\] 0\/2 {2}完成 0 \| 运行 1 \| 排队 1\n\[[.#]{16}\] {8}(?:书架|b) {2}/m);
    await taken(1);
    clock.advance(1000);
    await run.seen(/^\[#{8}\.{8}\] 1\/2 {2}完成 1 \|/m);
    await taken(2);
    clock.advance(1000);
    expect(await run.finished).toBe(0);
    const lines = run.lines();
    expect(lines.filter((line) => /^\[[.#]+\]/.test(line))).toEqual([]);
    expect(lines[0]).toMatch(/^使用 hunyuan/);
    const done = lines.flatMap((line) => /^(.+)：完成，1024x1024，用时 \d+\.\d 秒$/.exec(line)?.[1] ?? []);
    expect(done.toSorted()).toEqual(['b', '书架']);
    // Either may be sent first.
    expect(lines.join('')).toMatch(new RegExp(done.map((name) => String.raw`output/${name}\.png`).join('.*')));
    expect(lines.slice(-2)).toEqual(['新生成 2', '付费提交：2 次，按价目表约 0.4 CNY。']);
  });

  it('uses colours, but not with NO_COLOR', async () => {
    const coloured = startOnTerminal(['doctor'], {});
    await coloured.finished;
    expect(coloured.raw()).toContain('\u001B[32mready');
    const plain = startOnTerminal(['doctor'], { NO_COLOR: '1' });
    await plain.finished;
    expect(plain.raw()).toContain(': ready.');
    expect(stripVTControlCharacters(plain.raw())).toBe(plain.raw());
  });

  it('draws nothing with --quiet', async () => {
    const run = startOnTerminal(['generate', 'a', '--quiet'], {});
    await taken(1);
    clock.advance(1000);
    expect(await run.finished).toBe(0);
    expect(run.raw().trim()).toMatch(/^\/\S+\.png$/);
  });
});

describe('in a pipe', () => {
  it('writes plain lines to stderr and only results to stdout; --quiet writes no lines', async () => {
    const run = workspace.start(['generate', 'a', '--out', 'a.png']);
    await run.seen(': accepted');
    clock.advance(1000);
    const { stdout, stderr, exitCode } = await run.finished;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^Using hunyuan .*\n\S+: accepted\n\S+: done, .*\nPaid submissions: 1, .*\n$/);
    expect(stdout).toMatch(/^\/.*a\.png\n$/);
    const quiet = await workspace.run(['generate', 'a', '--out', 'a.png', '--quiet']);
    expect(quiet).toMatchObject({ exitCode: 0, stderr: '', stdout });
  });
});
