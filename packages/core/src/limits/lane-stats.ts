/** A lane as `stats()` shows it. */
export interface LaneStats {
  readonly lane: string;
  readonly label: string;
  /** Tasks of this client that wait for a permit. */
  readonly waiting: number;
  /** Accepted jobs of this client that are not over yet. */
  readonly inFlight: number;
  readonly limit: number;
  /** The account's limit as refusals have shown it. */
  readonly learnedLimit?: number;
  /** How long the provider keeps a slot after its job is over, as learned. */
  readonly slotTailMs: number;
  readonly pausedForMs: number;
  /** Refusals for limits or overload since the client was made. */
  readonly refusals: number;
}
