/**
 * What a limit belongs to: an account in a region, or one server. Permits, pauses, breakers and learned durations are
 * kept per lane.
 */
export interface Lane {
  /**
   * Stable across processes, and free of secrets: it stands in stores and handles. Two processes that use the same
   * account and region, or the same server, compute the same id.
   */
  readonly id: string;
  /** For people: region or host. Never a key. */
  readonly label: string;
  /** How many jobs may run at once when the caller says nothing. Hunyuan 1, OpenAI 4, ComfyUI 2. */
  readonly defaultMaxConcurrent: number;
  /** The provider's documented rate for submissions on this lane, in requests per second; absent = no known limit. */
  readonly submissionsPerSecond?: number;
  /** The provider's documented rate for status queries on this lane, in requests per second; absent = no known limit. */
  readonly queriesPerSecond?: number;
}
