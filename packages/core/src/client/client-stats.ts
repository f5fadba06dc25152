import type { Spending } from '../cost/cost-gate.ts';
import type { ClientCounters, ClientEnvironment } from './client-environment.ts';
import type { LaneStats } from '../limits/lane-scheduler.ts';

/** The state of a client. Counts start when it is created. */
export interface ClientStats extends Readonly<ClientCounters> {
  readonly backend: string;
  readonly model: string;
  readonly lanes: readonly LaneStats[];
  /** What its cost gate has admitted, by the price list; clients with the same gate share the sums. */
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
