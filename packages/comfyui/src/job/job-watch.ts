import { JobProgress } from './job-progress.ts';
import type { ProgressEvent } from '@holodeck/core';
import type { FinishedJob, Graph } from '../wire/comfyui-wire.ts';
import type { ImageFrame } from '../wire/binary-frames.ts';
import type { JobLook } from './job-lookup.ts';

/** How a job stands when it is over. */
export type JobVerdict =
  | { readonly state: 'finished'; readonly job: FinishedJob }
  | {
      readonly state: 'gone';
      /** Whether the server may have been restarted since this process began to watch. */
      readonly disconnected: boolean;
    };

/** What the pictures of one job may take, in bytes. Each counts as 1 MiB at least, so this bounds their number, too. */
const maxFrameBytes = 256 * 1024 * 1024;
const leastFrameBytes = 1024 * 1024;
/** Messages beyond these say nothing new. */
const maxBlocked = 100;

/** The news of one job, gathered from the moment before it is posted until somebody has collected it. */
export class JobWatch {
  readonly promptId: string;
  /** Images of SaveImageWebsocket nodes, by node, in order. */
  readonly frames: Map<string, ImageFrame[]> = new Map();
  /** Messages of blocked branches (`ExecutionBlocked`), which the history does not keep. */
  readonly blocked: string[] = [];
  /** When the server had taken the job, on the monotonic clock; before that nobody asks after it. */
  acceptedAt: number | undefined;
  /** Whether the connection to the server was lost at some time since the watch began. */
  disconnected: boolean = false;
  /** Whether the server has said that the job is over. */
  ended: boolean = false;
  /** When a look found it done before the socket told its end, on the monotonic clock. */
  doneAt: number | undefined;
  /** Looks in a row that found no trace of it. */
  missed: number = 0;
  /** Whether somebody waits for the verdict right now. */
  collecting: boolean = false;
  readonly verdict: Promise<JobVerdict>;
  readonly progress: JobProgress;
  readonly #socketNodes: ReadonlySet<string>;
  #settle: (verdict: JobVerdict) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #onProgress: ((event: ProgressEvent) => void) | undefined;
  #told = '';
  #node: string | undefined;
  #advances = 0;
  #position: number | undefined;
  #begun = false;
  #settled = false;
  #failed = false;
  #frameBytes = 0;

  constructor(promptId: string, graph: Graph | undefined) {
    this.promptId = promptId;
    this.progress = new JobProgress(graph);
    this.#socketNodes = new Set(
      Object.entries(graph ?? {})
        .filter(([, node]) => node.class_type === 'SaveImageWebsocket')
        .map(([id]) => id),
    );
    this.verdict = new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
    });
    // A failed watch that nobody collects is not an unhandled rejection.
    this.verdict.catch(() => undefined);
  }

  /** Whether images of this job come by socket. */
  get expectsFrames(): boolean {
    return this.#socketNodes.size > 0;
  }

  /** Whether it runs, as far as is known: before that it has a place in the queue. */
  get begun(): boolean {
    return this.#begun;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Whether it ended without a verdict: the server could not be asked. */
  get failed(): boolean {
    return this.#failed;
  }

  listen(onProgress: ((event: ProgressEvent) => void) | undefined): void {
    this.#onProgress = onProgress;
    // After a lost connection it is not known, and saying so would hide that the server is silent.
    if (this.disconnected || this.ended) {
      return;
    }
    // It may have begun before its submission was answered.
    if (this.#begun) {
      this.#told = '';
      this.#running();
    } else {
      this.#queued();
    }
  }

  /**
   * What the server's lists say of it. A job that waits advances when its place changes, or when the server has advanced since:
   * then it works on a job before this one.
   */
  seen(look: JobLook, serverAdvances: number): void {
    this.missed = 0;
    if (look.state === 'running' && !this.#begun) {
      this.#begun = true;
      this.#running();
    }
    if (look.state === 'pending' && (look.position !== this.#position || serverAdvances !== this.#advances)) {
      this.#position = look.position;
      this.#advances = serverAdvances;
      this.#queued();
    }
  }

  #queued(): void {
    this.#emit({ type: 'queued', ...(this.#position === undefined ? {} : { position: this.#position }) });
  }

  #emit(event: ProgressEvent): void {
    this.#onProgress?.(event);
  }

  settle(verdict: JobVerdict): void {
    this.#settled = true;
    this.#settle(verdict);
  }

  fail(error: unknown): void {
    this.#settled = true;
    this.#failed = true;
    this.#fail(error);
  }

  /** A picture while `node` was running: a result where that node sends its images by socket, a preview else. */
  picture(frame: ImageFrame, node: string | undefined): void {
    if (node !== undefined && this.#socketNodes.has(node)) {
      this.#frameBytes += Math.max(frame.bytes.byteLength, leastFrameBytes);
      if (this.#frameBytes > maxFrameBytes) return;
      const list = this.frames.get(node) ?? [];
      list.push({ ...frame, bytes: Uint8Array.from(frame.bytes) });
      this.frames.set(node, list);
    } else {
      this.#emit({ type: 'preview', bytes: Uint8Array.from(frame.bytes), mediaType: frame.mediaType });
    }
  }

  /** One event of this job, except the end. */
  event(type: string, data: Readonly<Record<string, unknown>>): void {
    this.#begun = true;
    switch (type) {
      case 'execution_cached':
        this.progress.cached(data['nodes']);
        break;
      case 'progress_state':
        this.progress.states(data['nodes'], this.#node);
        break;
      case 'progress':
        this.progress.step(data['node'], data['value'], data['max']);
        break;
      case 'execution_error':
        if (data['exception_type'] === 'ExecutionBlocked' && typeof data['exception_message'] === 'string') {
          if (this.blocked.length < maxBlocked) this.blocked.push(data['exception_message']);
        }
        break;
    }
    this.#running();
  }

  /** A node begins. */
  node(id: string): void {
    this.#begun = true;
    this.#node = id;
    this.progress.begin();
    this.#running();
  }

  #running(): void {
    const { fraction, steps } = this.progress;
    const node = this.#node === undefined ? undefined : this.progress.titleOf(this.#node);
    const told = `${fraction} ${this.#node} ${steps?.step}`;
    if (told === this.#told) {
      return;
    }
    this.#told = told;
    this.#emit({
      type: 'running',
      ...(fraction === undefined ? {} : { fraction }),
      ...(node === undefined ? {} : { node }),
      ...steps,
    });
  }
}
