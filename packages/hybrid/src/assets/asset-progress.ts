import type { ProgressEvent, TaskEvent } from '@holodeck/core';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { folderOf, note } from '../internal/hybrid-context.ts';
import { reasonOf } from '../session/session-events.ts';

/** An event of an asset while it is being made. */
export interface AssetProgress {
  readonly sessionId: string;
  readonly assetId: string;
  readonly event: TaskEvent;
}

/** Calls a callback of the caller. What it throws must not cost an image. */
export function callListener<T>(context: HybridContext, listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value);
  } catch (error) {
    context.logger?.warn({ error: String(error) }, 'A listener threw.');
  }
}

/** At most one progress event per asset in this time, so that stories stay short. */
const progressIntervalMs = 500;

/**
 * Passes the driver's events to the caller and stores those of the session's story: every state, some progress, previews as
 * files.
 */
export class AssetReporter {
  readonly #context: HybridContext;
  readonly #sessionId: string;
  readonly #assetId: string;
  readonly #listener: ((progress: AssetProgress) => void) | undefined;
  #lastProgressAt = Number.NEGATIVE_INFINITY;
  #pending: Promise<void> = Promise.resolve();

  constructor(
    context: HybridContext,
    sessionId: string,
    assetId: string,
    listener: ((progress: AssetProgress) => void) | undefined,
  ) {
    this.#context = context;
    this.#sessionId = sessionId;
    this.#assetId = assetId;
    this.#listener = listener;
  }

  readonly onEvent = (event: TaskEvent): void => {
    callListener(this.#context, this.#listener, { sessionId: this.#sessionId, assetId: this.#assetId, event });
    if (event.type === 'state') this.#note('progress', { state: event.state, attempt: event.attempt });
    if (event.type === 'waiting' && this.#isDue()) {
      const { reason, waitMs } = event;
      this.#note('progress', { state: 'waiting', ...reasonOf({ ...event, message: reason }), waitMs });
    }
    if (event.type === 'progress') this.#onProgress(event.progress);
  };

  /** Resolves when all reported events are stored. */
  settled(): Promise<void> {
    return this.#pending;
  }

  #onProgress(progress: ProgressEvent): void {
    if (progress.type === 'preview') {
      this.#enqueue(() => this.#keepPreview(progress.bytes, progress.mediaType));
      return;
    }
    if (!this.#isDue()) return;
    const { type, ...details } = progress;
    this.#note('progress', { state: type, ...details });
  }

  #isDue(): boolean {
    const now = this.#context.clock.monotonic();
    if (now - this.#lastProgressAt < progressIntervalMs) return false;
    this.#lastProgressAt = now;
    return true;
  }

  async #keepPreview(bytes: Uint8Array, mediaType: string): Promise<void> {
    const folder = folderOf(this.#context, this.#sessionId);
    const extension = mediaType === 'image/jpeg' ? 'jpg' : mediaType === 'image/webp' ? 'webp' : 'png';
    const path = `.incoming/previews/${this.#assetId.replaceAll('/', '-')}.${extension}`;
    await folder.write(bytes, path);
    await note(this.#context, this.#sessionId, 'preview', { assetId: this.#assetId, path, mediaType });
  }

  #note(type: string, data: Readonly<Record<string, unknown>>): void {
    this.#enqueue(() => note(this.#context, this.#sessionId, type, { assetId: this.#assetId, ...data }));
  }

  #enqueue(work: () => Promise<void>): void {
    this.#pending = this.#pending.then(work).catch((error: unknown) => {
      this.#context.logger?.warn({ assetId: this.#assetId, error: String(error) }, 'Progress could not be kept.');
    });
  }
}
