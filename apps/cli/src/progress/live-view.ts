import { styleText } from 'node:util';

import type { TaskEvent } from '@holodeck/core';

import { describeSuccess } from './describe-result.ts';
import type { ProgressView } from './progress-view.ts';

interface RunningTask {
  readonly startedAtMs: number;
  text: string;
}

const redrawMs = 120;
const shownTasks = 8;

/** The stream that a live view draws on: a terminal. */
export interface LiveStream {
  write(text: string): unknown;
  readonly columns?: number;
}

/** A block at the foot of a terminal that is drawn again and again: counts, and a line for each running task. */
export class LiveView implements ProgressView {
  readonly #stream: LiveStream;
  readonly #running = new Map<string, RunningTask>();
  readonly #timer: NodeJS.Timeout;
  #queued = 0;
  #done = 0;
  #failed = 0;
  #waiting = '';
  #drawnLines = 0;

  constructor(stream: LiveStream) {
    this.#stream = stream;
    this.#timer = setInterval(() => this.draw(), redrawMs);
    this.#timer.unref();
  }

  onEvent(event: TaskEvent): void {
    if (event.type === 'state') {
      if (event.state === 'queued') this.#queued += 1;
      else this.#task(event.taskId).text = event.state;
    } else if (event.type === 'progress') {
      this.#task(event.taskId).text = describeProgress(event.progress);
    } else if (event.type === 'waiting') {
      this.#waiting = event.reason;
    } else {
      if (this.#running.delete(event.taskId)) this.#waiting = '';
      else this.#queued = Math.max(0, this.#queued - 1);
      if (event.result.success) {
        this.#done += 1;
        this.note(describeSuccess(event.taskId, event.result));
      } else {
        // The command writes the error itself, with what it knows of it.
        this.#failed += 1;
      }
    }
  }

  #task(taskId: string): RunningTask {
    let task = this.#running.get(taskId);
    if (task === undefined) {
      this.#queued = Math.max(0, this.#queued - 1);
      task = { startedAtMs: performance.now(), text: '' };
      this.#running.set(taskId, task);
    }
    return task;
  }

  note(message: string): void {
    this.aside(() => this.#stream.write(`${message}\n`));
  }

  aside(write: () => void): void {
    this.#erase();
    write();
    this.draw();
  }

  /** Draws the block anew; the timer calls it. */
  draw(): void {
    const lines = this.#lines();
    this.#erase();
    if (lines.length > 0) this.#stream.write(`${lines.join('\n')}\n`);
    this.#drawnLines = lines.length;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #lines(): string[] {
    if (this.#running.size === 0 && this.#queued === 0) return [];
    const counts = [`${this.#done} done`, `${this.#running.size} running`, `${this.#queued} queued`];
    if (this.#failed > 0) counts.push(`${this.#failed} failed`);
    if (this.#waiting !== '') counts.push(`waiting: ${this.#waiting}`);
    const lines = [styleText('dim', fit(counts.join(' | '), this.#stream.columns), { stream: process.stderr })];
    for (const [taskId, task] of this.#running) {
      if (lines.length > shownTasks) break;
      const seconds = ((performance.now() - task.startedAtMs) / 1000).toFixed(0);
      lines.push(fit(`  ${taskId}: ${task.text} (${seconds} s)`, this.#stream.columns));
    }
    return lines;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#stream.write(`\u001B[${this.#drawnLines}A\u001B[0J`);
    this.#drawnLines = 0;
  }
}

function describeProgress(progress: Extract<TaskEvent, { type: 'progress' }>['progress']): string {
  if (progress.type === 'queued') {
    return progress.position === undefined
      ? 'queued at the provider'
      : `number ${progress.position} in the provider's queue`;
  }
  if (progress.type === 'running') {
    const share = progress.fraction === undefined ? '' : ` ${Math.round(progress.fraction * 100)} %`;
    return `running${share}${progress.note === undefined ? '' : ` ${progress.note}`}`;
  }
  return progress.type;
}

/** Cuts a line so that it takes one row: wide (East Asian) characters take two columns. */
function fit(text: string, columns: number | undefined): string {
  // A terminal that does not know its width says 0.
  const room = (columns || 80) - 1;
  let width = 0;
  let result = '';
  for (const character of text) {
    width +=
      /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1FAFF}]/u.test(
        character,
      )
        ? 2
        : 1;
    if (width > room) return result;
    result += character;
  }
  return result;
}
