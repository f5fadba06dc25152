import { styleText } from 'node:util';

import type { TaskEvent } from '@holodeck/core';
import stringWidth from 'fast-string-width';

import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import { cutText, padText } from '../reports/wrap-text.ts';
import { drawBar } from './bar.ts';
import { describeSuccess } from './describe-result.ts';
import type { NameTask, ProgressView } from './progress-view.ts';
import { TaskNames } from './task-names.ts';

interface RunningTask {
  readonly startedAtMs: number;
  text: string;
  /** Between 0 and 1, if the provider reports it. */
  fraction?: number;
}

const redrawMs = 120;
const shownTasks = 8;
const barColumns = 18;
const maxLabelColumns = 32;
/** On a narrower terminal the words need the space. */
const barsFromColumns = 60;

/** The stream that a live view draws on: a terminal. */
export interface LiveStream {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

/**
 * A block at the bottom of a terminal, redrawn in place: a bar with counts for the whole, and a bar for each running task. Other output
 * goes above it, so that neither is torn.
 */
export class LiveView implements ProgressView {
  readonly #stream: LiveStream;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  readonly #running = new Map<string, RunningTask>();
  readonly #timer: NodeJS.Timeout;
  readonly #names = new TaskNames();
  #expected = 0;
  #queued = 0;
  #done = 0;
  /** Finished tasks that took time. */
  #made = 0;
  #failed = 0;
  /** How long a job takes, as learned before this run. */
  #typicalMs = 0;
  #waiting = '';
  /** The widths of the lines that stand on the terminal. */
  #drawn: readonly number[] = [];

  /** @param now A monotonic clock in milliseconds. */
  constructor(stream: LiveStream, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#startedAtMs = now();
    this.#timer = setInterval(() => this.draw(), redrawMs);
    this.#timer.unref();
  }

  onEvent(event: TaskEvent): void {
    this.#names.onEvent(event);
    if (event.type === 'state') {
      const { states, live } = messages().reports;
      if ('typicalMs' in event) this.#typicalMs = event.typicalMs ?? 0;
      if (event.state === 'queued') this.#queued += 1;
      // A limit refused it, and it is sent again. A task that is refused for good settles at once.
      else if (event.state === 'rejected') this.#task(event.taskId).text = live.waiting;
      else this.#task(event.taskId).text = states[event.state];
    } else if (event.type === 'progress') {
      this.#onProgress(this.#task(event.taskId), event.progress);
    } else if (event.type === 'waiting') {
      this.#waiting = render({ ...event, message: event.reason });
    } else if (event.type === 'warning') {
      this.note(render(event.warning));
    } else {
      if (this.#running.delete(event.taskId)) this.#waiting = '';
      else this.#queued = Math.max(0, this.#queued - 1);
      const name = this.#names.take(event);
      if (event.result.success) {
        this.#done += 1;
        if (event.result.source === 'generated') this.#made += 1;
        this.note(describeSuccess(name, event.result));
      } else {
        // The command writes the error itself.
        this.#failed += 1;
      }
    }
  }

  #task(taskId: string): RunningTask {
    let task = this.#running.get(taskId);
    if (task === undefined) {
      this.#queued = Math.max(0, this.#queued - 1);
      task = { startedAtMs: this.#now(), text: '' };
      this.#running.set(taskId, task);
    }
    return task;
  }

  #onProgress(task: RunningTask, progress: Extract<TaskEvent, { type: 'progress' }>['progress']): void {
    const { live } = messages().reports;
    if (progress.type === 'queued') {
      task.text = progress.position === undefined ? live.queuedAtProvider : live.queuePosition(progress.position);
    } else if (progress.type === 'running') {
      if (progress.fraction !== undefined) task.fraction = progress.fraction;
      // Not its note: that is in the language of the service. A node's name is its author's.
      task.text = live.runningAtProvider(progress.node, progress.step, progress.steps);
    } else if (progress.type === 'downloading') {
      const { bytes, total } = progress;
      if (bytes !== undefined && total !== undefined && total > 0) task.fraction = bytes / total;
      task.text = live.downloading;
    }
  }

  expect(count: number): void {
    this.#expected += count;
  }

  nameTasks(nameOf: NameTask): void {
    this.#names.use(nameOf);
  }

  note(message: string): void {
    this.aside(() => this.#stream.write(`${message}\n`));
  }

  aside(write: () => void): void {
    this.#erase();
    write();
    this.draw();
  }

  /** Draws the block again; the timer calls it. */
  draw(): void {
    const lines = this.#lines();
    const erase = this.#takeErasure();
    // One write, so that the terminal shows no state in between.
    if (erase !== '' || lines.length > 0) {
      this.#stream.write(`${erase}${lines.map(({ text }) => `${text}\n`).join('')}`);
    }
    this.#drawn = lines.map(({ columns }) => columns);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  /** A terminal that does not know its width says 0. The last column stays free: some terminals wrap when it is filled. */
  get #columns(): number {
    return (this.#stream.columns || 80) - 1;
  }

  #lines(): readonly { readonly text: string; readonly columns: number }[] {
    const settled = this.#done + this.#failed;
    if (this.#running.size === 0 && this.#queued === 0 && settled >= this.#expected) return [];
    const summary = cutText(this.#summary(), this.#columns);
    const room = Math.max(1, Math.min(shownTasks, (this.#stream.rows || 24) - 3));
    const shown = [...this.#running].slice(0, this.#running.size > room ? room - 1 : room);
    const labelColumns = Math.min(
      maxLabelColumns,
      Math.max(0, ...shown.map(([taskId]) => stringWidth(this.#names.of(taskId)))),
    );
    const rows = shown.map(([taskId, task]) => this.#row(taskId, task, labelColumns));
    const left = this.#running.size - shown.length;
    if (left > 0) rows.push(`  ${messages().reports.live.more(left)}`);
    return [
      { text: styleText('dim', summary, { stream: process.stderr }), columns: stringWidth(summary) },
      ...rows.map((row) => cutText(row, this.#columns)).map((text) => ({ text, columns: stringWidth(text) })),
    ];
  }

  #summary(): string {
    const { reports } = messages();
    const { live } = reports;
    const settled = this.#done + this.#failed;
    const queued = Math.max(this.#queued, this.#expected - settled - this.#running.size);
    const all = settled + this.#running.size + queued;
    const parts = [live.done(this.#done), live.running(this.#running.size), live.queued(queued)];
    if (this.#failed > 0) parts.push(live.failed(this.#failed));
    const elapsedMs = this.#now() - this.#startedAtMs;
    const rounds = Math.ceil((all - settled) / Math.max(1, this.#running.size));
    const leftMs = this.#made > 0 ? (elapsedMs / this.#made) * (all - settled) : this.#typicalMs * rounds - elapsedMs;
    if (leftMs > 0) parts.push(live.left(Math.ceil(leftMs / 1000)));
    if (this.#waiting !== '') parts.push(reports.waiting(this.#waiting));
    const words = parts.join(' | ');
    if (this.#columns < barsFromColumns) return words;
    return `${drawBar(barColumns, settled / all)} ${settled}/${all}  ${words}`;
  }

  #row(taskId: string, task: RunningTask, labelColumns: number): string {
    const elapsedMs = this.#now() - task.startedAtMs;
    const { fraction } = task;
    const share = fraction === undefined ? '' : `${Math.round(fraction * 100)} %`;
    const label = padText(cutText(this.#names.of(taskId), labelColumns), labelColumns);
    const seconds = messages().reports.live.seconds(Math.floor(elapsedMs / 1000));
    if (this.#columns < barsFromColumns) return ['  ', label, ' ', task.text, ' ', share, ' ', seconds].join('');
    return `${drawBar(barColumns, fraction, elapsedMs)} ${share.padStart(5)}  ${label}  ${task.text}  ${seconds}`;
  }

  #erase(): void {
    const erase = this.#takeErasure();
    if (erase !== '') this.#stream.write(erase);
  }

  /** Erases the block. A terminal that has become narrower has wrapped its lines. */
  #takeErasure(): string {
    const columns = this.#stream.columns || 80;
    const rows = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    this.#drawn = [];
    // From the first column: the terminal has echoed ^C where the cursor stood.
    return rows === 0 ? '' : `\r\u001B[${rows}A\u001B[0J`;
  }
}
