import type { ClientEnvironment } from '../client/client-environment.ts';
import type { LaneScheduler, Turn } from './lane-scheduler.ts';
import type { LanePermit } from './lane-permit.ts';

/** How long only the best lane is asked for a permit, in milliseconds; then all are. */
const headStartMs = 20;

/** A lane and the right to send one job to it. */
export interface LaneGrant {
  readonly lane: LaneScheduler;
  readonly permit: LanePermit;
}

/**
 * Waits for a permit of any lane: first the one with the least work for its limit, then the one that is free soonest. `avoid`:
 * lanes on which the task has failed; they are used only if no other is healthy. Rejects with the signal's reason.
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
    // Another lane may have been faster.
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

/** Whether another lane is healthy. */
export function hasHealthyLane(environment: ClientEnvironment, avoid: ReadonlySet<string>): boolean {
  return openLanes(environment).some((other) => !avoid.has(other.lane.id) && isHealthy(environment, other));
}

/** Whether another lane would send a submission at once. */
export function hasFreeLane(environment: ClientEnvironment, lane: LaneScheduler): boolean {
  return openLanes(environment).some(
    (other) => other !== lane && isHealthy(environment, other) && !other.paused && other.load < other.limit,
  );
}

/** Whether this lane fails while another one is healthy. */
export function yieldsToHealthyLane(environment: ClientEnvironment, lane: string): boolean {
  const scheduler = environment.lanes.get(lane);
  if (scheduler === undefined || isHealthy(environment, scheduler)) return false;
  return openLanes(environment).some((other) => isHealthy(environment, other));
}

/** The lanes that take submissions. */
function openLanes({ lanes }: ClientEnvironment): LaneScheduler[] {
  return [...lanes.values()].filter(({ lane }) => lane.collectOnly !== true);
}

function isHealthy(environment: ClientEnvironment, { lane }: LaneScheduler): boolean {
  return environment.health.get(lane.id)?.usable !== false;
}

function inOrder(environment: ClientEnvironment, avoid: ReadonlySet<string>): LaneScheduler[] {
  const all = openLanes(environment);
  const others = all.filter(({ lane }) => !avoid.has(lane.id));
  const lanes = others.some((lane) => isHealthy(environment, lane)) ? others : all;
  const rank = (lane: LaneScheduler): number => (isHealthy(environment, lane) ? 0 : 2) + (lane.paused ? 1 : 0);
  const share = (lane: LaneScheduler): number => lane.load / lane.limit;
  return lanes.toSorted((a, b) => rank(a) - rank(b) || share(a) - share(b));
}
