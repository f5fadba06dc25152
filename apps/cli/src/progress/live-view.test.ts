import type { GenerationResult } from '@holodeck/core';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';

import { LiveView } from './live-view.ts';

/** A terminal as far as the view needs it: lines, and the cursor moving up to erase. */
class Terminal {
  readonly columns = 40;
  #lines: string[] = [];

  write(text: string): void {
    const escape = '\u001B[';
    const erase = text.startsWith(escape) ? Number.parseInt(text.slice(escape.length), 10) : Number.NaN;
    if (Number.isNaN(erase)) this.#lines.push(...text.replace(/\n$/, '').split('\n').map(stripVTControlCharacters));
    else this.#lines.splice(this.#lines.length - erase);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}

const success = { success: true, images: [{ width: 8, height: 8 }], source: 'resumed', timings: { totalMs: 1 } };
const result = success as unknown as GenerationResult;

it('keeps notes, redraws what runs, and leaves nothing else behind', () => {
  const terminal = new Terminal();
  const view = new LiveView(terminal);
  for (const taskId of ['a', 'b']) view.onEvent({ type: 'state', taskId, state: 'queued', attempt: 1 });
  view.onEvent({ type: 'state', taskId: 'a', state: 'submitting', attempt: 1 });
  view.onEvent({ type: 'progress', taskId: 'a', progress: { type: 'running', fraction: 0.5 } });
  view.draw();
  view.draw();
  expect(terminal.lines).toEqual(['0 done | 1 running | 1 queued', '  a: running 50 % (0 s)']);
  view.note('a warning');
  expect(terminal.lines).toEqual(['a warning', '0 done | 1 running | 1 queued', '  a: running 50 % (0 s)']);
  // A result goes to stdout, which is the same terminal.
  view.aside(() => terminal.write('/images/a.png\n'));
  expect(terminal.lines.slice(0, 3)).toEqual(['a warning', '/images/a.png', '0 done | 1 running | 1 queued']);
  view.onEvent({ type: 'settled', taskId: 'a', result });
  expect(terminal.lines.at(-1)).toBe('1 done | 0 running | 1 queued');
  view.onEvent({ type: 'settled', taskId: 'b', result });
  view.close();
  expect(terminal.lines).toEqual([
    'a warning',
    '/images/a.png',
    ...['a', 'b'].map((id) => `${id}: done, 8x8, already there or paid for`),
  ]);
});

it('cuts lines to the width of the terminal, wide characters counted as two', () => {
  const terminal = new Terminal();
  const view = new LiveView(terminal);
  view.onEvent({ type: 'state', taskId: '面'.repeat(30), state: 'accepted', attempt: 1 });
  view.draw();
  expect(terminal.lines[1]).toBe(`  ${'面'.repeat(18)}`);
  view.close();
});

it('draws at most eight running tasks', () => {
  const terminal = new Terminal();
  const view = new LiveView(terminal);
  for (let index = 0; index < 20; index += 1) {
    view.onEvent({ type: 'state', taskId: `${index}`, state: 'accepted', attempt: 1 });
  }
  view.draw();
  expect(terminal.lines).toHaveLength(9);
  view.close();
});
