import type { ClientEnvironment } from '../client/client-environment.ts';
import type { LaneScheduler, Turn } from './lane-scheduler.ts';
import type { LanePermit } from './lane-permit.ts';

/** How long the best lane alone is asked for a permit, before all are, in milliseconds. */
const headStartMs = 20;

/** A lane and the right to send one job to it. */
export interface LaneGrant {
  readonly lane: LaneScheduler;
  readonly permit: LanePermit;
}

/**
 * Waits for a permit of any lane: the one with the least work for its limit first; when it has no place, whichever has one
 * soonest. `avoid`: the lanes on which the task has failed; they are left out while another one is healthy. Rejects with the signal's reason.
 */
export async function acquireLane(
  environment: ClientEnvironment,
  turn: Turn,
  signal: AbortSignal,
  avoid: ReadonlySet<string>,
): Promise<LaneGrant> {
  const [best, ...others] = inOrder(environment, avoid);
  if (best === undefined) throw new Error('The backend has no lane.');
  if (others.length === 0) return { lane: best, permit: await best.acquire(turn, signal) };
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  let granted: LaneGrant | undefined;
  const ask = async (lane: LaneScheduler): Promise<LaneGrant> => {
    const permit = await lane.acquire(turn, stop.signal);
    // Another lane may have been faster by a moment.
    if (granted !== undefined) permit.release();
    granted ??= { lane, permit };
    return granted;
  };
  try {
    const asked = [ask(best)];
    const early = environment.clock.sleep(headStartMs, stop.signal).catch(() => undefined);
    await Promise.race([...asked, early]);
    if (granted !== undefined) return granted;
    asked.push(...others.map(ask));
    for (const answer of asked) answer.catch(() => undefined);
    return await Promise.race(asked);
  } finally {
    signal.removeEventListener('abort', onAbort);
    stop.abort(signal.aborted ? signal.reason : new Error('Another lane was free first.'));
  }
}

/** Whether there is a lane beside these whose service does not fail. */
export function hasHealthyLane(environment: ClientEnvironment, avoid: ReadonlySet<string>): boolean {
  return [...environment.lanes.values()].some((other) => !avoid.has(other.lane.id) && isHealthy(environment, other));
}

/** Whether there is another lane where a submission would be sent at once. */
export function hasFreeLane(environment: ClientEnvironment, lane: LaneScheduler): boolean {
  return [...environment.lanes.values()].some(
    (other) => other !== lane && isHealthy(environment, other) && !other.paused && other.load < other.limit,
  );
}

/** Whether the lane's service fails while that of another lane is healthy. */
export function yieldsToHealthyLane(environment: ClientEnvironment, lane: string): boolean {
  const scheduler = environment.lanes.get(lane);
  if (scheduler === undefined || isHealthy(environment, scheduler)) return false;
  return [...environment.lanes.values()].some((other) => isHealthy(environment, other));
}

function isHealthy(environment: ClientEnvironment, { lane }: LaneScheduler): boolean {
  return environment.health.get(lane.id)?.usable !== false;
}

function inOrder(environment: ClientEnvironment, avoid: ReadonlySet<string>): LaneScheduler[] {
  const all = [...environment.lanes.values()];
  const others = all.filter(({ lane }) => !avoid.has(lane.id));
  const lanes = others.some((lane) => isHealthy(environment, lane)) ? others : all;
  const rank = (lane: LaneScheduler): number => (isHealthy(environment, lane) ? 0 : 2) + (lane.paused ? 1 : 0);
  const share = (lane: LaneScheduler): number => lane.load / lane.limit;
  return lanes.toSorted((a, b) => rank(a) - rank(b) || share(a) - share(b));
}
