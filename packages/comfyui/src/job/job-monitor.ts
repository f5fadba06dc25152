import { cannotAsk } from '../comfyui-errors.ts';
import { say } from '../comfyui-messages.ts';
import { reasonOf } from './job-lookup.ts';
import { JobWatch } from './job-watch.ts';
import { readImageFrame } from '../wire/binary-frames.ts';
import type { Clock } from '@holodeck/core/backend';
import type { ComfyUISocket, SocketListener } from '../wire/comfyui-socket.ts';
import type { Graph } from '../wire/comfyui-wire.ts';
import type { JobLookup } from './job-lookup.ts';

/** Settings of a monitor; durations are in milliseconds. */
export interface MonitorOptions {
  readonly lookup: JobLookup;
  readonly clock: Clock;
  /** The server's name for people. */
  readonly label: string;
  /** Between looks at all open jobs while the socket is up. */
  readonly backstopMs: number;
}

/** The reason that ends the wait for a round. Shared: an `abort` without a reason creates an error with a stack. */
const notDue = new Error('The round is not due any more.');

/** After a `status` message: deleted jobs leave no other trace. */
const lookAfterStatusMs = 250;
/** After a look that missed a job, and after one that failed (then doubling). */
const lookAgainMs = 300;
/** Between looks while the socket is down: a share of the youngest job's age, within these bounds. */
const shareOfAge = 0.15;
const minLookMs = 100;
const maxLookMs = 2000;
/** `executing` without a node is the true end; this is how long to wait for it after the event before it. */
const endAfterSuccessMs = 250;
/** The history is written a few milliseconds after `execution_success`. */
const historyDelaysMs: readonly number[] = [0, 5, 10, 20, 50, 100, 200];
/** Looks in a row that find nothing before a job counts as gone. */
const missesUntilGone = 2;
/** How long images may be on the way by socket after the record says that their job is done. */
const framesWaitMs = 30_000;
/** Failed rounds of questions in a row before the callers get an error. */
const faultsUntilTold = 4;
/** Up to here each running job is asked for alone; above it, one list tells which are alive. */
const singleLooks = 3;

/**
 * Follows every job of one server. Events say when to look; the verdict is always the server's record (its history or jobs
 * list): events are lost with the connection, an `execution_error` need not be the end, and deleted jobs vanish without an
 * event.
 */
export class JobMonitor implements SocketListener {
  readonly #options: MonitorOptions;
  readonly #watches: Map<string, JobWatch> = new Map();
  readonly #closed: AbortController = new AbortController();
  #socket: ComfyUISocket | undefined;
  /** What our own jobs are executing right now: frames of event 1 say no more than this. */
  #current: { readonly promptId: string; readonly node: string } | undefined;
  #round: Promise<void> | undefined;
  #nextRound: { readonly at: number; readonly cancel: AbortController } | undefined;
  #faults = 0;
  /** Counts what shows that the server advances: events of any job, and changes of the queue. */
  #advances = 0;
  #queueShape = '';

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** The socket whose events come here. */
  attach(socket: ComfyUISocket): void {
    this.#socket = socket;
  }

  /** Begins to watch a job, before it is posted; the same watch again where there is one. */
  watch(promptId: string, graph?: Graph): JobWatch {
    let watch = this.#watches.get(promptId);
    if (watch === undefined) {
      watch = new JobWatch(promptId, graph);
      this.#watches.set(promptId, watch);
      this.#socket?.hold();
    }
    return watch;
  }

  find(promptId: string): JobWatch | undefined {
    return this.#watches.get(promptId);
  }

  /** The server has taken the job. */
  accepted(watch: JobWatch): void {
    watch.acceptedAt = this.#options.clock.monotonic();
    if (watch.ended) {
      void this.#fetchVerdict(watch);
    } else {
      this.#schedule(this.#idleMs());
    }
  }

  /** A job of another process, or of an earlier call: the first look is due now. */
  resumed(watch: JobWatch): void {
    watch.acceptedAt = this.#options.clock.monotonic();
    watch.disconnected = true;
    this.#schedule(0);
  }

  forget(watch: JobWatch): void {
    if (this.#watches.get(watch.promptId) === watch) {
      this.#watches.delete(watch.promptId);
      this.#socket?.release();
    }
    if (this.#watches.size === 0) {
      this.#nextRound?.cancel.abort(notDue);
      this.#nextRound = undefined;
    }
  }

  /** Looks at all open jobs soon. */
  lookSoon(): void {
    this.#schedule(0);
  }

  close(): void {
    this.#closed.abort();
    this.#nextRound?.cancel.abort(notDue);
    for (const watch of this.#watches.values()) {
      watch.fail(cannotAsk(this.#options.label, say('client-closed')));
    }
    this.#watches.clear();
  }

  onMessage(type: string, data: Readonly<Record<string, unknown>>): void {
    if (type === 'status') {
      this.#schedule(lookAfterStatusMs);
      return;
    }
    const promptId = data['prompt_id'];
    if (typeof promptId !== 'string') {
      return;
    }
    this.#advances += 1;
    const watch = this.#watches.get(promptId);
    if (watch === undefined) {
      return;
    }
    watch.missed = 0;
    if (type === 'executing') {
      const node = data['node'];
      if (typeof node === 'string') {
        this.#current = { promptId: watch.promptId, node };
        watch.node(node);
      } else {
        this.#current = undefined;
        this.#ended(watch);
      }
      return;
    }
    watch.event(type, data);
    if (type === 'execution_success' || type === 'execution_interrupted') {
      void this.#endSoon(watch);
    }
  }

  onBinary(message: Buffer): void {
    const frame = readImageFrame(message);
    if (frame === undefined) {
      return;
    }
    if (frame.promptId !== undefined) {
      this.#watches.get(frame.promptId)?.picture(frame, frame.nodeId);
    } else if (this.#current !== undefined) {
      this.#watches.get(this.#current.promptId)?.picture(frame, this.#current.node);
    }
  }

  onOpen(): void {
    this.#current = undefined;
    if ([...this.#watches.values()].some((watch) => watch.acceptedAt !== undefined)) {
      this.#schedule(0);
    }
  }

  onDown(): void {
    this.#current = undefined;
    for (const watch of this.#watches.values()) {
      watch.disconnected = true;
    }
    this.#schedule(this.#idleMs());
  }

  /** Until the next look that nothing asked for. Without the socket: often for young jobs, seldom for old ones. */
  #idleMs(): number {
    if (this.#socket?.isOpen === true) {
      return this.#options.backstopMs;
    }
    const now = this.#options.clock.monotonic();
    const ages = [...this.#watches.values()].map(({ acceptedAt }) => now - (acceptedAt ?? now));
    return Math.min(maxLookMs, Math.max(minLookMs, shareOfAge * Math.min(...ages)));
  }

  #ended(watch: JobWatch): void {
    if (watch.ended) {
      return;
    }
    watch.ended = true;
    if (watch.acceptedAt !== undefined) {
      void this.#fetchVerdict(watch);
    }
  }

  async #endSoon(watch: JobWatch): Promise<void> {
    await this.#sleep(endAfterSuccessMs);
    this.#ended(watch);
  }

  async #fetchVerdict(watch: JobWatch): Promise<void> {
    try {
      for (const delayMs of historyDelaysMs) {
        if (delayMs > 0) {
          await this.#sleep(delayMs);
        }
        const job = await this.#options.lookup.history(watch.promptId, this.#closed.signal);
        if (job !== undefined) {
          watch.settle({ state: 'finished', job });
          return;
        }
      }
    } catch {
      // The rounds below ask again, and fail the watch when the server stays away.
    }
    this.#schedule(0);
  }

  /** Plans the next round of looks; an earlier one stays as it is. */
  #schedule(delayMs: number): void {
    if (this.#watches.size === 0 || this.#closed.signal.aborted) {
      return;
    }
    const at = this.#options.clock.monotonic() + delayMs;
    if (this.#nextRound !== undefined) {
      if (this.#nextRound.at <= at) {
        return;
      }
      this.#nextRound.cancel.abort(notDue);
    }
    const cancel = new AbortController();
    const planned = { at, cancel };
    this.#nextRound = planned;
    const run = async (): Promise<void> => {
      try {
        await this.#options.clock.sleep(delayMs, cancel.signal);
      } catch {
        return;
      }
      // Rounds do not overlap.
      await this.#round;
      if (this.#nextRound !== planned) {
        return;
      }
      this.#nextRound = undefined;
      this.#round = this.#lookAtAll();
      await this.#round;
    };
    void run();
  }

  async #lookAtAll(): Promise<void> {
    const open = [...this.#watches.values()].filter((watch) => watch.acceptedAt !== undefined && !watch.settled);
    if (open.length === 0) {
      return;
    }
    try {
      await this.#look(open);
      this.#faults = 0;
    } catch (error) {
      if (this.#closed.signal.aborted) {
        return;
      }
      this.#faults += 1;
      for (const watch of open) {
        watch.disconnected = true;
        if (this.#faults >= faultsUntilTold && !watch.settled) {
          watch.fail(cannotAsk(this.#options.label, reasonOf(error), error));
        }
      }
      this.#schedule(this.#faults >= faultsUntilTold ? maxLookMs : lookAgainMs * 2 ** (this.#faults - 1));
      return;
    }
    // A job that is said to be over, but has no record yet, has it in a moment: no further event will tell.
    const soon = open.some((watch) => !watch.settled && (watch.missed > 0 || watch.ended));
    this.#schedule(soon ? lookAgainMs : this.#idleMs());
  }

  async #look(open: readonly JobWatch[]): Promise<void> {
    const { lookup } = this.#options;
    const { signal } = this.#closed;
    // A job that waits has a place, which only the whole list tells. A server may have no list that answers.
    const asksList = open.length > singleLooks || open.some((watch) => !watch.begun && !watch.ended);
    const alive = asksList ? await lookup.queued(signal).catch(() => undefined) : undefined;
    const shape = [...(alive ?? [])].map(([id, { state }]) => `${id} ${state}`).join();
    if (alive !== undefined && shape !== this.#queueShape) {
      this.#queueShape = shape;
      this.#advances += 1;
    }
    const doubtful: JobWatch[] = [];
    for (const watch of open) {
      const look = alive?.get(watch.promptId);
      if (look === undefined) {
        doubtful.push(watch);
      } else {
        watch.seen(look, this.#advances);
      }
    }
    // One after the other: there are few, unless the server was restarted.
    for (const watch of doubtful) {
      if (watch.settled) {
        continue;
      }
      const look = await lookup.look(watch.promptId, signal);
      if (look.state === 'finished') {
        if (!this.#framesMayFollow(watch)) {
          watch.settle({ state: 'finished', job: look.job });
        }
      } else if (look.state === 'gone') {
        watch.missed += 1;
        if (watch.missed >= missesUntilGone) {
          watch.settle({ state: 'gone', disconnected: watch.disconnected });
        }
      } else {
        watch.seen(look, this.#advances);
      }
    }
  }

  /**
   * Whether images may still be on the way by socket: a slow line brings them after the record is written, and the end of
   * the job after them.
   */
  #framesMayFollow(watch: JobWatch): boolean {
    if (!watch.expectsFrames || watch.ended || watch.disconnected) {
      return false;
    }
    const now = this.#options.clock.monotonic();
    watch.doneAt ??= now;
    if (this.#socket?.isOpen === true && now - watch.doneAt < framesWaitMs) {
      return true;
    }
    // The end was not told: images of it may be lost as well.
    watch.disconnected = true;
    return false;
  }

  async #sleep(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#closed.signal).catch(() => undefined);
  }
}
