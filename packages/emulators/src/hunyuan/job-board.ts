/**
 * The jobs of the service: slots per account, states that follow from the time, and what becomes of each job. Nothing
 * runs: a job is as far as the clock says.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Ledger } from '../base/ledger.ts';
import type { Random } from '../base/random.ts';
import { drawDuration } from '../base/random.ts';
import type { HunyuanApi, HunyuanSettings } from './hunyuan-settings.ts';
import { jobLimitReached } from './service-error.ts';

/** A submission that passed all checks. */
export interface JobRequest {
  prompt: string;
  /** Does the service rewrite the prompt? Then the seed is void. */
  revise: boolean;
  seed?: number;
  width: number;
  height: number;
  images: number;
  watermark: boolean;
  /** What the picture's colours follow beside prompt and seed: style, references. */
  look?: string;
  /** SHA-256 of each reference picture. */
  references?: readonly string[];
  /** The first reference picture: the palette is taken from it. */
  reference?: Uint8Array;
}

/** Who sent it. */
export interface Account {
  readonly secretId: string;
  readonly secretKey: string;
  /** Temporary credentials carry a token. */
  readonly token?: string;
  /** Credentials of one account share its slots. Default: the SecretId. */
  readonly account?: string;
  /** Slots of this account. Default: the setting `limit`. */
  readonly limit?: number;
}

export type Outcome = { readonly kind: 'succeed' } | { readonly kind: 'fail'; code: string; message: string };

export interface Job {
  readonly id: string;
  readonly api: HunyuanApi;
  readonly account: string;
  readonly request: JobRequest;
  readonly seed: number;
  readonly revisedPrompt: string;
  readonly runsAtMs: number;
  endsAtMs: number;
  slotFreeAtMs: number;
  outcome: Outcome;
}

export type JobState = 'waiting' | 'running' | 'failed' | 'done';

const rewriting = '，画面主体突出，构图完整，光影自然，细节丰富，色彩和谐';

export class JobBoard {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #settings: () => HunyuanSettings;
  readonly #jobs: Map<string, Job> = new Map();
  readonly #appIds: Map<string, number> = new Map();
  #busy: Job[] = [];
  #count = 0;

  constructor(clock: Clock, random: Random, ledger: Ledger, settings: () => HunyuanSettings) {
    this.#clock = clock;
    this.#random = random;
    this.#ledger = ledger;
    this.#settings = settings;
  }

  /**
   * Takes a job.
   * @throws {ServiceError} `RequestLimitExceeded.JobNumExceed` when all slots of the account are taken.
   */
  submit(api: HunyuanApi, caller: Account, request: JobRequest, outcome: Outcome): Job {
    const settings = this.#settings();
    const account = caller.account ?? caller.secretId;
    const now = this.#clock.now();
    const limit = caller.limit ?? settings.limit;
    this.#busy = this.#busy.filter((job) => job.slotFreeAtMs > now);
    if (this.#busy.filter((job) => job.account === account).length >= limit) throw jobLimitReached(limit);

    const duration = drawDuration(settings.jobMs, this.#count, this.#random);
    const endsAtMs = now + duration + (request.revise ? settings.rewriteMs : 0);
    const seed = 1 + Math.floor(this.#random() * 4_294_967_294);
    const job: Job = {
      id: `${this.#appId(account)}-${Math.floor(now / 1000)}-${randomUUID()}-0`,
      api,
      account,
      request,
      seed: request.revise || request.seed === undefined ? seed : request.seed,
      revisedPrompt: request.revise ? request.prompt + rewriting : request.prompt,
      runsAtMs: now + (settings.waitingMs ?? duration / 10),
      endsAtMs,
      slotFreeAtMs: endsAtMs + settings.slotTailMs,
      outcome,
    };
    this.#count += 1;
    this.#jobs.set(job.id, job);
    this.#busy.push(job);
    const { id, seed: used, request: asked } = job;
    const { prompt, images, references = [] } = asked;
    this.#ledger.accept({ id, prompt, seed: used, references, acceptedAtMs: now, account, billed: images });
    this.#ledger.observeRunning(this.#busy.filter((other) => other.endsAtMs > now).length);
    return job;
  }

  /** A job, or `undefined`; an account sees its own jobs only. */
  find(id: string, caller: Account): Job | undefined {
    const job = this.#jobs.get(id);
    return job?.account === (caller.account ?? caller.secretId) ? job : undefined;
  }

  /** Where a job stands now; noted in the ledger. */
  state(job: Job): JobState {
    const now = this.#clock.now();
    this.#ledger.observeRunning(this.#busy.filter((other) => other.endsAtMs > now).length);
    if (now < job.endsAtMs) return now < job.runsAtMs ? 'waiting' : 'running';
    const entry = this.#ledger.entry(job.id);
    if (entry !== undefined) entry.state = job.outcome.kind === 'succeed' ? 'succeeded' : 'failed';
    return job.outcome.kind === 'succeed' ? 'done' : 'failed';
  }

  /** A job fails now, if it is still at work; else it turns out to have failed. */
  fail(job: Job, outcome: Outcome): void {
    const now = this.#clock.now();
    job.outcome = outcome;
    if (job.endsAtMs <= now) return;
    job.slotFreeAtMs -= job.endsAtMs - now;
    job.endsAtMs = now;
  }

  /** The service forgets a job; its slot stays taken. */
  lose(id: string): void {
    if (!this.#jobs.delete(id)) return;
    const entry = this.#ledger.entry(id);
    if (entry !== undefined) entry.state = 'lost';
  }

  /** The service forgets all jobs, and no slot is taken any more. */
  loseAll(): void {
    for (const id of this.#jobs.keys()) this.lose(id);
    this.#busy = [];
    this.#ledger.observeRunning(0);
  }

  #appId(account: string): number {
    const known = this.#appIds.get(account);
    if (known !== undefined) return known;
    const appId = 1_300_000_001 + this.#appIds.size;
    this.#appIds.set(account, appId);
    return appId;
  }
}
