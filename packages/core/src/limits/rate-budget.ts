import type { RateReport } from '../contract/index.ts';

/** Rates count by the minute; half a second more, because requests travel at different speeds. */
const windowMs = 60_500;

type Unit = RateReport['unit'];
type Use = Readonly<Record<Unit, number>>;

/** What is known about one rate. */
interface Rate {
  readonly perMinute: number;
  /** What other programs seem to have used of it. */
  readonly elsewhere: number;
  /** When their use is forgotten; monotonic milliseconds. */
  readonly elsewhereUntilMs: number;
}

/**
 * What an account may still send, from the rate headers of answers (OpenAI). Our own submissions of the last minute are counted
 * here. The headers report the rate, and what remains of it shows how much others use. Nothing waits before the first report.
 */
export class RateBudget {
  readonly #rates = new Map<Unit, Rate>();
  /** Our submissions of the last minute, oldest first. */
  readonly #sent: RateMark[] = [];
  readonly #used: Record<Unit, number> = { requests: 0, images: 0 };

  /** The lowest reported rate, in submissions of one image; infinite before a report. */
  get perMinute(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#rates.values()].map(({ perMinute }) => perMinute));
  }

  /** Milliseconds until a submission of this many images fits. */
  waitMs(nowMs: number, images: number): number {
    this.#forget(nowMs);
    return Math.max(0, ...[...this.#rates.keys()].map((unit) => this.#untilMs(nowMs, unit, useOf(images)[unit])));
  }

  /** Counts a submission. @returns The mark for `learn`. */
  take(nowMs: number, images: number): RateMark {
    this.#forget(nowMs);
    const use = useOf(images);
    this.#used.requests += use.requests;
    this.#used.images += use.images;
    const mark = { atMs: nowMs, use, used: { ...this.#used } };
    this.#sent.push(mark);
    return mark;
  }

  /** Learns from the answer to the submission with this mark. */
  learn(nowMs: number, { unit, perMinute, remaining, resetMs }: RateReport, mark: RateMark): void {
    this.#forget(nowMs);
    // Providers do not say whether a report describes the start or the end of the request.
    const own = Math.max(mark.used[unit], this.#used[unit]);
    this.#rates.set(unit, {
      perMinute: Math.max(1, perMinute),
      elsewhere: Math.max(0, perMinute - remaining - own),
      elsewhereUntilMs: remaining > 0 ? nowMs + windowMs : mark.atMs + Math.max(0, resetMs),
    });
  }

  #untilMs(nowMs: number, unit: Unit, use: number): number {
    const { perMinute, elsewhere, elsewhereUntilMs } = this.#rates.get(unit) as Rate;
    const othersMs = elsewhereUntilMs - nowMs;
    // More than a minute's worth can only be tried alone; the provider decides.
    let free = perMinute - this.#used[unit] - (othersMs > 0 ? elsewhere : 0) - Math.min(use, perMinute);
    if (free >= 0) return 0;
    let waitMs = 0;
    if (othersMs > 0 && elsewhere > 0) {
      free += elsewhere;
      waitMs = othersMs;
    }
    for (const { atMs, use: sent } of this.#sent) {
      if (free >= 0) break;
      free += sent[unit];
      waitMs = Math.max(waitMs, atMs + windowMs - nowMs);
    }
    return waitMs;
  }

  #forget(nowMs: number): void {
    for (let oldest = this.#sent[0]; oldest !== undefined && oldest.atMs + windowMs <= nowMs; oldest = this.#sent[0]) {
      this.#used.requests -= oldest.use.requests;
      this.#used.images -= oldest.use.images;
      this.#sent.shift();
    }
  }
}

/** When a submission was sent, what it used, and what was used in the minute up to it, itself included. */
export interface RateMark {
  readonly atMs: number;
  readonly use: Use;
  readonly used: Use;
}

const ofOneImage: Use = { requests: 1, images: 1 };

function useOf(images: number): Use {
  return images === 1 ? ofOneImage : { requests: 1, images };
}
