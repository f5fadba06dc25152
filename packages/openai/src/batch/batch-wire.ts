/** What the service says about a batch and a file; every field is checked where it is read. */

/** `GET /batches/{id}`. */
export interface WireBatch {
  readonly id?: unknown;
  readonly status?: unknown;
  readonly input_file_id?: unknown;
  readonly output_file_id?: unknown;
  readonly error_file_id?: unknown;
  /** Unix time in seconds. */
  readonly created_at?: unknown;
  readonly metadata?: unknown;
  readonly errors?: unknown;
  readonly request_counts?: unknown;
}

/** `GET /files/{id}`. */
export interface WireFile {
  readonly id?: unknown;
  readonly filename?: unknown;
  readonly created_at?: unknown;
  /** Unix time in seconds; absent or null = never. */
  readonly expires_at?: unknown;
}

/** One line of an output or error file, with markers in place of its pictures. */
export interface WireLine {
  readonly custom_id?: unknown;
  readonly response?: unknown;
  readonly error?: unknown;
}

/** States in which nothing more happens. Source: https://platform.openai.com/docs/guides/batch. */
const ended: ReadonlySet<unknown> = new Set(['completed', 'failed', 'expired', 'cancelled']);

export function hasEnded({ status }: WireBatch): boolean {
  return ended.has(status);
}

/** How many lines are answered, of how many; `completed`: with success. */
export function countsOf({
  request_counts: counts,
}: WireBatch): Readonly<Record<'done' | 'completed' | 'total', number>> {
  const { total = 0, completed = 0, failed = 0 } = (counts ?? {}) as Record<string, unknown>;
  return { done: Number(completed) + Number(failed), completed: Number(completed), total: Number(total) };
}
