import type { RateReport } from '../contract/index.ts';

/** What is known of one rate. */
interface Bucket {
  readonly perMinute: number;
  /** What may still be sent before `resetAtMs`. */
  remaining: number;
  resetAtMs: number;
}

const minuteMs = 60_000;

/**
 * What an account may still send by the headers of its provider's answers (OpenAI): a token bucket for each rate that is
 * reported. Nothing is held back before the first report.
 *
 * A report is of the moment at which its submission was let in or answered; which of the two, providers do not say. So
 * what was sent since that submission is taken off again: it may be that it was not counted.
 */
export class RateBudget {
  readonly #buckets = new Map<RateReport['unit'], Bucket>();
  /** Units of all submissions so far. */
  readonly #sent = { requests: 0, images: 0 };

  /** The lowest rate that was told, in submissions of one image; infinite where none was. */
  get perMinute(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#buckets.values()].map(({ perMinute }) => perMinute));
  }

  /** Milliseconds until a submission of so many images fits. */
  waitMs(nowMs: number, images: number): number {
    let waitMs = 0;
    for (const [unit, bucket] of this.#buckets) {
      // More than the whole bucket can only be tried; the provider's answer says the rest.
      const needed = Math.min(unit === 'images' ? images : 1, bucket.perMinute);
      waitMs = Math.max(waitMs, untilMs(bucket, nowMs, needed));
    }
    return waitMs;
  }

  /** Takes off what a submission of so many images uses. @returns What `learn` needs to know of it. */
  take(nowMs: number, images: number): RateMark {
    for (const [unit, bucket] of this.#buckets) {
      refill(bucket, nowMs);
      bucket.remaining -= unit === 'images' ? images : 1;
    }
    this.#sent.requests += 1;
    this.#sent.images += images;
    return { ...this.#sent };
  }

  /** Takes a report from the answer to the submission that got this mark. */
  learn(nowMs: number, { unit, perMinute, remaining, resetMs }: RateReport, mark: RateMark): void {
    const sentSince = this.#sent[unit] - mark[unit];
    this.#buckets.set(unit, {
      perMinute: Math.max(1, perMinute),
      remaining: remaining - sentSince,
      resetAtMs: nowMs + Math.max(0, resetMs),
    });
  }
}

/** What had been sent, the submission itself included, when it was sent. */
export interface RateMark {
  readonly requests: number;
  readonly images: number;
}

/** After its reset a bucket fills at its rate: windows that slide give back no more than that. */
function refill(bucket: Bucket, nowMs: number): void {
  if (nowMs <= bucket.resetAtMs) return;
  const more = ((nowMs - bucket.resetAtMs) * bucket.perMinute) / minuteMs;
  bucket.remaining = Math.min(bucket.perMinute, bucket.remaining + more);
  bucket.resetAtMs = nowMs;
}

function untilMs(bucket: Bucket, nowMs: number, needed: number): number {
  refill(bucket, nowMs);
  if (bucket.remaining >= needed) return 0;
  const fillMs = ((needed - bucket.remaining) * minuteMs) / bucket.perMinute;
  return Math.max(0, bucket.resetAtMs - nowMs) + fillMs;
}
