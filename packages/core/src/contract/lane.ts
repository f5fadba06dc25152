/**
 * What a limit applies to: an account in a region, or a server. Each lane has its own permits, pauses, breaker and durations.
 */
export interface Lane {
  /**
   * Stable across processes and free of secrets, because stores and handles contain it. Processes with the same account and
   * region, or the same server, compute the same id.
   */
  readonly id: string;
  /** For people: region or host. Never a key. */
  readonly label: string;
  /** Jobs at once by default: Hunyuan 1, OpenAI 4, ComfyUI 2. */
  readonly defaultMaxConcurrent: number;
  /** Whether jobs of earlier runs are collected on it, but none are submitted. Default false. */
  readonly collectOnly?: boolean;
  /** The provider's documented rate for submissions on this lane, in requests per second; absent = no known limit. */
  readonly submissionsPerSecond?: number;
  /** The provider's documented rate for status queries on this lane, in requests per second; absent = no known limit. */
  readonly queriesPerSecond?: number;
}
