/**
 * The ledger: what a provider's bill and logs would show. Tests read it to check what a client really did; over HTTP it is
 * `GET /__ledger`.
 */
import { createHash } from 'node:crypto';

/** One accepted job or request. */
export interface LedgerEntry {
  /** The job's id at the provider, or the request's id where the service has no jobs. */
  readonly id: string;
  readonly prompt: string;
  /** SHA-256 of the prompt, hexadecimal. */
  readonly promptHash: string;
  readonly seed?: number;
  /** SHA-256 of each reference picture, hexadecimal, in the order in which they were sent; absent = none. */
  readonly references?: readonly string[];
  /** Unix time in milliseconds. */
  readonly acceptedAtMs: number;
  /** The account, key or client that sent it, by its public name; never a secret. */
  readonly account?: string;
  /** The share of the price that its images cost; absent = the whole price. */
  readonly priceShare?: number;
  /** Images that were charged. */
  billed: number;
  /** How often a whole image was delivered. */
  deliveries: number;
  /** As the client last saw it. */
  state: 'accepted' | 'succeeded' | 'failed' | 'lost' | 'cancelled';
}

/** The ledger's figures as plain JSON. */
export interface LedgerSnapshot {
  readonly submissions: number;
  readonly accepted: number;
  readonly billed: number;
  readonly delivered: number;
  readonly polls: number;
  readonly running: number;
  readonly maxConcurrent: number;
  readonly refusals: number;
  readonly refusalsByCode: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly internalErrors: readonly string[];
  readonly entries: readonly Readonly<LedgerEntry>[];
}

/** What `accept` needs to know. */
export interface Acceptance {
  id: string;
  prompt: string;
  acceptedAtMs: number;
  seed?: number;
  references?: readonly string[];
  account?: string;
  priceShare?: number;
  /** Images charged. Default 1. */
  billed?: number;
}

/** What an emulator received and charged, as the provider would record it. */
export class Ledger {
  /** Submissions that arrived whole, refused ones included. */
  submissions: number = 0;
  /** Submissions that became a job. */
  accepted: number = 0;
  /** Images charged for. */
  billed: number = 0;
  /** Different images that were delivered whole at least once. */
  delivered: number = 0;
  /** Questions about a job's state. */
  polls: number = 0;
  /** Jobs that were running at the last look. */
  running: number = 0;
  /** The most jobs that ever ran at once. */
  maxConcurrent: number = 0;
  /** Submissions answered by an error of the service. */
  refusals: number = 0;
  /** Errors that the service answered to submissions and all other calls, by code. */
  readonly refusalsByCode: Record<string, number> = {};
  /** Faults that struck, by kind. */
  readonly faults: Record<string, number> = {};
  /** Failures of the emulator itself; empty unless it has a bug. */
  readonly internalErrors: string[] = [];
  readonly entries: LedgerEntry[] = [];
  readonly #byId: Map<string, LedgerEntry> = new Map();
  readonly #deliveredImages: Set<string> = new Set();

  /** Records a job that the service took. */
  accept(acceptance: Acceptance): LedgerEntry {
    const { billed = 1, references = [], ...rest } = acceptance;
    const entry: LedgerEntry = {
      ...rest,
      promptHash: createHash('sha256').update(acceptance.prompt).digest('hex'),
      ...(references.length === 0 ? {} : { references }),
      billed,
      deliveries: 0,
      state: 'accepted',
    };
    this.accepted += 1;
    this.billed += billed;
    this.entries.push(entry);
    this.#byId.set(entry.id, entry);
    return entry;
  }

  entry(id: string): LedgerEntry | undefined {
    return this.#byId.get(id);
  }

  /** Charges `images` more (or fewer, when negative) for a job: some services charge when the job ends. */
  bill(id: string, images: number): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    entry.billed += images;
    this.billed += images;
  }

  /** Records that an image (counted from 0) of a job was delivered whole. */
  deliver(id: string, image: number = 0): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    entry.deliveries += 1;
    const name = `${id}/${image}`;
    if (this.#deliveredImages.has(name)) return;
    this.#deliveredImages.add(name);
    this.delivered += 1;
  }

  /** Records an error that the service answered; `isSubmission`: it counts as a refusal. */
  refuse(code: string, isSubmission: boolean = true): void {
    if (isSubmission) this.refusals += 1;
    this.refusalsByCode[code] = (this.refusalsByCode[code] ?? 0) + 1;
  }

  strike(kind: string): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
  }

  /** Records how many jobs are running now. */
  observeRunning(count: number): void {
    this.running = count;
    if (count > this.maxConcurrent) this.maxConcurrent = count;
  }

  /** Resets all figures to zero. */
  reset(): void {
    this.submissions = this.accepted = this.billed = this.delivered = 0;
    this.polls = this.running = this.maxConcurrent = this.refusals = 0;
    for (const counts of [this.refusalsByCode, this.faults]) for (const key of Object.keys(counts)) delete counts[key];
    this.internalErrors.length = this.entries.length = 0;
    this.#byId.clear();
    this.#deliveredImages.clear();
  }

  snapshot(): LedgerSnapshot {
    return {
      submissions: this.submissions,
      accepted: this.accepted,
      billed: this.billed,
      delivered: this.delivered,
      polls: this.polls,
      running: this.running,
      maxConcurrent: this.maxConcurrent,
      refusals: this.refusals,
      refusalsByCode: { ...this.refusalsByCode },
      faults: { ...this.faults },
      internalErrors: [...this.internalErrors],
      entries: this.entries.map((entry) => ({ ...entry })),
    };
  }
}
