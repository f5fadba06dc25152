import { EventEmitter } from 'node:events';
import { ImageError } from '@holodeck/core';
import { say } from './demo-messages.ts';
import { HttpError } from './http-error.ts';

interface Run {
  readonly key: string;
  readonly aborting: AbortController;
  readonly ended: Promise<void>;
}

/** This server's background work for sessions, and how to stop it. */
export class SessionRuns {
  readonly #runs = new Map<string, Set<Run>>();
  readonly #changes = new EventEmitter<{ change: [sessionId: string] }>();
  #closed = false;

  constructor() {
    this.#changes.setMaxListeners(0);
  }

  isRunning(sessionId: string): boolean {
    return (this.#runs.get(sessionId)?.size ?? 0) > 0;
  }

  /**
   * Starts work. The session reports its failures; only other errors are logged.
   *
   * @param key Names the work: the same work does not run twice at once for a session.
   * @throws HttpError 409 if it is already running.
   */
  start(sessionId: string, key: string, work: (signal: AbortSignal) => Promise<unknown>): void {
    const runs = this.#runs.get(sessionId) ?? new Set();
    if (this.#closed) throw new HttpError(409, 'closing', say('closing'));
    if ([...runs].some((run) => run.key === key)) {
      throw new HttpError(409, 'running', say('running'));
    }
    this.#runs.set(sessionId, runs);
    const aborting = new AbortController();
    const ended = work(aborting.signal)
      .catch((error: unknown) => {
        if (aborting.signal.aborted || this.#closed) return;
        console.error(ImageError.isInstance(error) ? `${sessionId}: ${error.message}` : error);
      })
      .then(() => {
        runs.delete(run);
        if (runs.size === 0) this.#runs.delete(sessionId);
        this.changed(sessionId);
      });
    const run: Run = { key, aborting, ended };
    runs.add(run);
    this.changed(sessionId);
  }

  /** Ends the session's waits; resolves when none of its work is running. */
  async stop(sessionId: string): Promise<void> {
    const runs = [...(this.#runs.get(sessionId) ?? [])];
    for (const { aborting } of runs) aborting.abort();
    await Promise.all(runs.map(({ ended }) => ended));
  }

  /** Notifies listeners of a changed session. */
  changed(sessionId: string): void {
    this.#changes.emit('change', sessionId);
  }

  /** Calls back on every change. Returns a function that unsubscribes. */
  onChange(listener: (sessionId: string) => void): () => void {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  /** Prevents new work. */
  refuse(): void {
    this.#closed = true;
  }

  /** Ends all waits. */
  async close(): Promise<void> {
    this.refuse();
    await Promise.all([...this.#runs.keys()].map((sessionId) => this.stop(sessionId)));
  }
}
