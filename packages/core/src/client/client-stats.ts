import type { Spending } from '../cost/cost-gate.ts';
import type { ClientCounters, ClientEnvironment } from './client-environment.ts';
import type { LaneStats } from '../limits/lane-scheduler.ts';

/** How a client stands. Counts are since it was made. */
export interface ClientStats extends Readonly<ClientCounters> {
  readonly backend: string;
  readonly model: string;
  readonly lanes: readonly LaneStats[];
  /** What its cost gate has let through, by the price list; clients that share a gate share the sums. */
  readonly spending: Spending;
}

export function clientStats(environment: ClientEnvironment): ClientStats {
  const { backend, counters, lanes, options } = environment;
  return {
    backend: backend.name,
    model: backend.model,
    ...counters,
    spending: options.costGate.spending,
    lanes: [...lanes.values()].map(({ stats }) => stats),
  };
}
