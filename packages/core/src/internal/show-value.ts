/** A wrong value for a message, cut to 200 characters. */
export function showValue(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200);
}
