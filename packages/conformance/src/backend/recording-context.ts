import { createHash, randomUUID } from 'node:crypto';
import { inspectImage } from '@holodeck/core/backend';
import type { ImageWarning, Logger, ProgressEvent } from '@holodeck/core';
import type { ImageInfo, ImageSink, JobContext, JobHandle, Lane } from '@holodeck/core/backend';

/** How soon a job is asked about again, in milliseconds. */
const pollMs = 5;

/** An image that a backend wrote. */
export interface WrittenImage {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly info: ImageInfo | undefined;
  readonly state: 'open' | 'closed' | 'aborted';
}

class MemorySink implements ImageSink {
  readonly #chunks: Uint8Array[] = [];
  readonly #onClose: () => void;
  readonly #beforeWrite: () => Promise<void>;
  state: WrittenImage['state'] = 'open';

  constructor(onClose: () => void, beforeWrite: () => Promise<void>) {
    this.#onClose = onClose;
    this.#beforeWrite = beforeWrite;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.state !== 'open') throw new Error('Written to a sink that is closed.');
    await this.#beforeWrite();
    // Not `slice`: that of a Buffer copies nothing.
    this.#chunks.push(new Uint8Array(chunk));
  }

  async close(): Promise<void> {
    if (this.state !== 'open') return;
    this.state = 'closed';
    this.#onClose();
  }

  async abort(): Promise<void> {
    this.state = 'aborted';
    this.#chunks.length = 0;
  }

  image(): WrittenImage {
    const bytes = Buffer.concat(this.#chunks);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { bytes, sha256, info: inspectImage(bytes), state: this.state };
  }
}

interface RecordingContextParts {
  readonly lane: Lane;
  /** Where logged lines go. */
  readonly logged: unknown[];
  readonly spoolDirectory: string | undefined;
  readonly key?: string | undefined;
  /** What submissions can be found by, by key: rows keep it. */
  readonly drafts?: Map<string, JobHandle>;
}

/** A `JobContext` that remembers everything that a backend does with it. */
export class RecordingContext implements JobContext {
  readonly key: string;
  readonly lane: Lane;
  readonly events: ProgressEvent[] = [];
  readonly warnings: ImageWarning[] = [];
  readonly logged: unknown[];
  readonly spoolDirectory?: string;
  readonly logger: Logger;
  /** What happened, in order: `ended`, `open 0`, `close 0`, ... */
  readonly steps: string[] = [];
  /** Called for each step. */
  onStep: ((step: string) => void) | undefined;
  polls = 0;
  readonly #drafts: Map<string, JobHandle>;
  readonly #sinks = new Map<number, MemorySink>();
  readonly #controller = new AbortController();

  constructor(parts: RecordingContextParts) {
    const { lane, logged, spoolDirectory, key = randomUUID() } = parts;
    this.key = key;
    this.lane = lane;
    this.logged = logged;
    this.#drafts = parts.drafts ?? new Map();
    if (spoolDirectory !== undefined) this.spoolDirectory = spoolDirectory;
    this.logger = capturingLogger(logged);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly beforeSend = async (draft?: JobHandle): Promise<void> => {
    if (draft !== undefined) this.#drafts.set(this.key, draft);
  };

  get draft(): JobHandle | undefined {
    return this.#drafts.get(this.key);
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  readonly onProgress = (event: ProgressEvent): void => {
    this.events.push(event);
    this.#step(event.type);
  };

  readonly onEnded = (): void => this.#step('ended');

  readonly onWarning = (warning: ImageWarning): void => void this.warnings.push(warning);

  readonly openImage = async (index: number): Promise<ImageSink> => {
    const sink = new MemorySink(
      () => this.#step(`close ${index}`),
      async () => this.#step(`write ${index}`),
    );
    this.#sinks.set(index, sink);
    this.#step(`open ${index}`);
    return sink;
  };

  readonly nextPoll = async (): Promise<void> => {
    this.polls += 1;
    this.#step('poll');
    this.signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, pollMs);
      this.signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          reject(this.signal.reason as Error);
        },
        { once: true },
      );
    });
  };

  /** The image at an index as it was written last; undefined when none was. */
  image(index: number): WrittenImage | undefined {
    return this.#sinks.get(index)?.image();
  }

  /** Indexes of all images that were opened. */
  get indexes(): readonly number[] {
    return [...this.#sinks.keys()].sort((left, right) => left - right);
  }

  #step(step: string): void {
    this.steps.push(step);
    this.onStep?.(step);
  }
}

/** A logger that keeps fields and message of each line. */
export function capturingLogger(lines: unknown[]): Logger {
  const keep = (fields: Readonly<Record<string, unknown>>, message: string): void => void lines.push([fields, message]);
  return { debug: keep, info: keep, warn: keep, error: keep };
}
