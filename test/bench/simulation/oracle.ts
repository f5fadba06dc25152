import { drawDurations, slotFree } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** How often the oracle checks for slots that other users release. */
const stepMs = 10;

/**
 * The least makespan for this order: a scheduler that knows limit and tails, notices every end at once, and needs no time
 * itself.
 */
export function oracleMakespanMs(scenario: Scenario, seed: number): number {
  let busyUntil: number[] = [];
  let atMs = 0;
  let lastEndMs = 0;
  for (const [accepted, durationMs] of drawDurations(scenario, seed).entries()) {
    for (;;) {
      busyUntil = busyUntil.filter((until) => until > atMs);
      if (slotFree(scenario, busyUntil.length, accepted, atMs)) break;
      const nextEndMs = Math.min(...busyUntil);
      atMs = scenario.taken === undefined ? nextEndMs : Math.min(nextEndMs, atMs + stepMs);
    }
    busyUntil.push(atMs + durationMs + scenario.slotTailMs);
    lastEndMs = Math.max(lastEndMs, atMs + durationMs);
  }
  return lastEndMs;
}
