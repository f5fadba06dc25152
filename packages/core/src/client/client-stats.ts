import type { ClientCounters, ClientEnvironment } from './client-environment.ts';
import type { LaneStats } from './lane-stats.ts';

/** How a client stands. Counts are since it was made. */
export interface ClientStats extends Readonly<ClientCounters> {
  readonly backend: string;
  readonly model: string;
  readonly lanes: readonly LaneStats[];
}

export function clientStats(environment: ClientEnvironment): ClientStats {
  const { backend, counters, lanes } = environment;
  return {
    backend: backend.name,
    model: backend.model,
    ...counters,
    lanes: [...lanes.values()].map(({ stats }) => stats),
  };
}
