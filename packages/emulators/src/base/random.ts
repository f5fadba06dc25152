/** Small seeded random numbers: the same seed gives the same faults, seeds and pictures on every machine. */
import { createHash } from 'node:crypto';

/** A source of numbers in [0, 1). */
export type Random = () => number;

/** The first 32 bits of the SHA-256 of a text, for seeding. */
export function hashToSeed(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}

/** The mulberry32 generator. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A standard normal number (Box-Muller), for lognormal durations. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How long a job takes, in milliseconds: a number, a lognormal spread, or a function of its index (from 0). */
export type Duration = number | { medianMs: number; sigma: number } | ((index: number) => number);

/** One duration in milliseconds. */
export function drawDuration(duration: Duration, index: number, random: Random): number {
  if (typeof duration === 'function') return duration(index);
  if (typeof duration === 'number') return duration;
  return duration.medianMs * Math.exp(duration.sigma * normal(random));
}
