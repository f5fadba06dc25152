import type { DurationEstimate } from './job-durations.ts';

/** Beyond this many standard deviations a job is slower than ever seen, and the model does not apply. */
const knownDeviations = 3;
/** Steps of the integration, as a share of the time waited. */
const stepShare = 0.02;
/** The latest next poll, as a share of the time waited, whatever the model says. */
const longestShare = 0.25;

/**
 * The expected time since the unnoticed end of a job, `atMs` after its start, if it was still running at `lastLookMs`: the
 * integral of the probability that it has ended meanwhile.
 */
export function expectedUnnoticedMs(lastLookMs: number, atMs: number, estimate: DurationEstimate): number {
  let unnoticedMs = 0;
  for (const step of integrate(lastLookMs, estimate, (atMs - lastLookMs) / 100)) {
    if (step.atMs >= atMs) return unnoticedMs + step.endedProbability * (atMs - step.fromMs);
    unnoticedMs = step.unnoticedMs;
  }
  return unnoticedMs;
}

/**
 * When to poll a job again: as soon as the expected unnoticed time reaches `costMs`, the price of one poll. So polls are densest
 * where jobs end most often, which halves the delay of polls at equal distances.
 * @returns Milliseconds after the job's start.
 */
export function nextLookAtMs(lastLookMs: number, costMs: number, estimate: DurationEstimate): number {
  let atMs = lastLookMs;
  for (const step of integrate(lastLookMs, estimate, costMs)) {
    ({ atMs } = step);
    if (step.unnoticedMs >= costMs) break;
  }
  return atMs;
}

interface Step {
  readonly fromMs: number;
  readonly atMs: number;
  readonly endedProbability: number;
  readonly unnoticedMs: number;
}

function* integrate(lastLookMs: number, estimate: DurationEstimate, costMs: number): Generator<Step, void, undefined> {
  const { medianMs, sigma } = estimate;
  // No job ends earlier.
  let atMs = Math.max(lastLookMs, medianMs * Math.exp(-3.5 * sigma));
  const latestMs = lastLookMs * (1 + longestShare);
  let hazard = 0;
  let unnoticedMs = 0;
  for (;;) {
    const fromMs = atMs;
    const stepMs = Math.max(0.5, Math.min(atMs * stepShare * Math.min(1, 2 * sigma), costMs * 2));
    atMs += stepMs;
    hazard += hazardPerMs(fromMs + stepMs / 2, estimate) * stepMs;
    const endedProbability = 1 - Math.exp(-hazard);
    unnoticedMs += endedProbability * stepMs;
    yield { fromMs, atMs, endedProbability, unnoticedMs };
    // A late job is polled after a share of its age at the latest.
    if (lastLookMs > medianMs && atMs >= latestMs) return;
  }
}

/** The rate at which jobs of that age end, by the lognormal distribution. */
function hazardPerMs(ageMs: number, { medianMs, sigma }: DurationEstimate): number {
  const z = Math.log(ageMs / medianMs) / sigma;
  // Slower than ever seen: only its age is known.
  if (z > knownDeviations) return 1 / ageMs;
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / (sigma * ageMs * upperTail(z));
}

/** Share of a standard normal distribution above `z`. */
function upperTail(z: number): number {
  return complementaryError(z / Math.SQRT2) / 2;
}

const coefficients = [
  -1.265_512_23, 1.000_023_68, 0.374_091_96, 0.096_784_18, -0.186_288_06, 0.278_868_07, -1.135_203_98, 1.488_515_87,
  -0.822_152_23, 0.170_872_77,
];

/** erfc with a relative error below 1.2e-7 (https://en.wikipedia.org/wiki/Error_function#Numerical_approximations). */
function complementaryError(x: number): number {
  const t = 1 / (1 + Math.abs(x) / 2);
  const sum = coefficients.reduceRight((total, coefficient) => total * t + coefficient, 0);
  const tail = t * Math.exp(-x * x + sum);
  return x >= 0 ? tail : 2 - tail;
}
