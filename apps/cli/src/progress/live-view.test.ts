import type { GenerationResult } from '@holodeck/core';
import xterm from '@xterm/headless';
import { afterEach, expect, it } from 'vitest';

import { setLanguage } from '../messages/messages.ts';
import { LiveView } from './live-view.ts';

/** A real terminal, without a window. */
class Terminal {
  readonly #terminal: xterm.Terminal;
  #written: Promise<void> = Promise.resolve();

  constructor(columns = 80, rows = 24) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  write(text: string): void {
    this.#written = new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  async resize(columns: number): Promise<void> {
    await this.#written;
    this.#terminal.resize(columns, this.rows);
  }

  /** What stands on it, without the empty lines at the end. */
  async lines(): Promise<readonly string[]> {
    await this.#written;
    const { active } = this.#terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  }

  /** The column in which a text begins. */
  async columnOf(text: string): Promise<readonly number[]> {
    await this.#written;
    const { active } = this.#terminal.buffer;
    return Array.from({ length: active.length }, (_, row) => {
      const line = active.getLine(row);
      const columns = Array.from({ length: this.columns }, (_, column) => column);
      return columns.find((column) => line?.translateToString(true, column).startsWith(text)) ?? -1;
    }).filter((column) => column >= 0);
  }
}

let elapsedMs = 0;
const views: LiveView[] = [];
function open(terminal: Terminal): LiveView {
  const view = new LiveView(terminal, () => elapsedMs);
  views.push(view);
  return view;
}

afterEach(() => {
  for (const view of views.splice(0)) view.close();
  elapsedMs = 0;
  setLanguage('en');
});

const success = { success: true, images: [{ width: 8, height: 8 }], source: 'resumed', timings: { totalMs: 1 } };
const result = success as unknown as GenerationResult;

it('keeps notes, draws bars for the whole and for what runs, and leaves nothing else behind', async () => {
  const terminal = new Terminal();
  const view = open(terminal);
  for (const taskId of ['a', 'b']) view.onEvent({ type: 'state', taskId, state: 'queued', attempt: 1 });
  view.onEvent({ type: 'state', taskId: 'a', state: 'submitting', attempt: 1 });
  view.onEvent({ type: 'progress', taskId: 'a', progress: { type: 'running', fraction: 0.5 } });
  elapsedMs = 2000;
  view.draw();
  view.draw();
  const whole = '[................] 0/2  0 done | 1 running | 1 queued';
  const own = '[########........]  50 %  a  running  2 s';
  expect(await terminal.lines()).toEqual([whole, own]);
  view.note('a warning');
  expect(await terminal.lines()).toEqual(['a warning', whole, own]);
  // A result goes to stdout, which is the same terminal.
  view.aside(() => terminal.write('/images/a.png\n'));
  expect(await terminal.lines()).toEqual(['a warning', '/images/a.png', whole, own]);
  view.onEvent({ type: 'settled', taskId: 'a', result });
  expect((await terminal.lines()).at(-1)).toBe('[########........] 1/2  1 done | 0 running | 1 queued');
  view.onEvent({ type: 'settled', taskId: 'b', result });
  view.close();
  expect(await terminal.lines()).toEqual([
    'a warning',
    '/images/a.png',
    ...['a', 'b'].map((id) => `${id}: done, 8x8, already there or paid for`),
  ]);
});

it('counts what is still to come, names files, and says how long it may take', async () => {
  const terminal = new Terminal();
  const view = open(terminal);
  view.expect(5);
  view.nameTasks(({ file, metadata }) => file ?? `line ${String(metadata?.['line'])}`);
  view.onEvent({ type: 'state', taskId: '0123456789abcdef', state: 'queued', attempt: 1, file: 'cup.png' });
  view.onEvent({ type: 'state', taskId: 'fedcba9876543210', state: 'queued', attempt: 1, metadata: { line: 2 } });
  for (const taskId of ['0123456789abcdef', 'fedcba9876543210']) {
    view.onEvent({ type: 'state', taskId, state: 'accepted', attempt: 1 });
  }
  view.draw();
  const bar = '[................] 0/5  0 done | 2 running | 3 queued';
  const rows = (await terminal.lines()).map((line) => line.replace(/^\[.*?\] {8}/, ''));
  expect(rows).toEqual([bar, 'cup.png  accepted  0 s', 'line 2   accepted  0 s']);
  elapsedMs = 10_000;
  const made = { ...success, source: 'generated', timings: { totalMs: 10_000 } } as unknown as GenerationResult;
  view.onEvent({ type: 'settled', taskId: '0123456789abcdef', result: made });
  const lines = await terminal.lines();
  expect(lines[0]).toBe('cup.png: done, 8x8, made in 10.0 s');
  expect(lines[1]).toBe('[###.............] 1/5  1 done | 1 running | 3 queued | about 40 s left');
});

it('says how long it may take by what earlier runs have learned, before the first image is there', async () => {
  const terminal = new Terminal();
  const view = open(terminal);
  view.expect(5);
  for (const taskId of ['a', 'b'])
    view.onEvent({ type: 'state', taskId, state: 'accepted', attempt: 1, typicalMs: 20_000 });
  elapsedMs = 5000;
  view.draw();
  expect((await terminal.lines())[0]).toContain('| about 55 s left');
});

it('says that a task waits which is refused for a limit', async () => {
  const terminal = new Terminal();
  const view = open(terminal);
  view.onEvent({ type: 'state', taskId: 'a', state: 'rejected', attempt: 1 });
  view.draw();
  expect((await terminal.lines()).at(-1)).toContain('a  waiting  0 s');
});

it('leaves nothing of the bar where the terminal has echoed ^C', async () => {
  const terminal = new Terminal();
  const view = open(terminal);
  view.onEvent({ type: 'state', taskId: 'a', state: 'accepted', attempt: 1 });
  view.draw();
  terminal.write('^C');
  view.note('Stopping.');
  expect((await terminal.lines())[0]).toBe('Stopping.');
});

it('aligns bars and words beside wide characters, in Chinese', async () => {
  setLanguage('zh');
  const terminal = new Terminal();
  const view = open(terminal);
  for (const taskId of ['card/书架', 'card/lamp', '场景']) {
    view.onEvent({ type: 'state', taskId, state: 'accepted', attempt: 1 });
  }
  view.draw();
  const columns = await terminal.columnOf('已受理');
  expect(columns).toHaveLength(3);
  expect(new Set(columns).size).toBe(1);
  expect(await terminal.lines()).toHaveLength(4);
});

it.for([20, 59, 61, 120])('takes one row for each line on a terminal of %i columns', async (columns) => {
  const terminal = new Terminal(columns);
  const view = open(terminal);
  const reason = 'the account has reached its limit of running jobs';
  view.onEvent({ type: 'state', taskId: '面'.repeat(60), state: 'accepted', attempt: 1 });
  view.onEvent({ type: 'waiting', taskId: 'b', reason, waitMs: 1 });
  view.draw();
  view.draw();
  expect(await terminal.lines()).toHaveLength(2);
  view.note('note');
  view.close();
  expect(await terminal.lines()).toEqual(['note']);
});

it('takes off what a narrower terminal has broken into more rows', async () => {
  const terminal = new Terminal(100);
  const view = open(terminal);
  view.onEvent({ type: 'state', taskId: 'x'.repeat(30), state: 'accepted', attempt: 1 });
  view.draw();
  await terminal.resize(40);
  view.draw();
  view.close();
  expect(await terminal.lines()).toEqual([]);
});

it('draws at most eight running tasks, fewer on a low terminal, and says how many more run', async () => {
  for (const [rows, expected] of [
    [24, 9],
    [6, 4],
  ] as const) {
    const terminal = new Terminal(80, rows);
    const view = open(terminal);
    for (let index = 0; index < 20; index += 1) {
      view.onEvent({ type: 'state', taskId: `${index}`, state: 'accepted', attempt: 1 });
    }
    view.draw();
    const lines = await terminal.lines();
    expect(lines).toHaveLength(expected);
    expect(lines.at(-1)).toBe(`  ... ${20 - (expected - 2)} more running`);
  }
});

it('shows a moving piece if the provider reports no progress', async () => {
  const terminal = new Terminal();
  const view = open(terminal);
  view.onEvent({ type: 'state', taskId: 'a', state: 'accepted', attempt: 1 });
  const seen: string[] = [];
  for (elapsedMs = 0; elapsedMs < 240 * 26; elapsedMs += 240) {
    view.draw();
    seen.push((await terminal.lines()).at(-1)?.slice(0, 18) ?? '');
  }
  expect(seen[0]).toBe('[###.............]');
  expect(seen).toContain('[.............###]');
  expect(new Set(seen).size).toBe(14);
  expect(seen.every((bar) => bar.length === 18)).toBe(true);
});
