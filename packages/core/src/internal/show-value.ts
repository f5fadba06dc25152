/** A wrong value for a message, at most 200 characters of it. */
export function showValue(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200);
}
