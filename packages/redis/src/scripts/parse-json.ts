/** A value from its JSON; undefined for text that is damaged. Its shape is the caller's to check. */
export function parseJson<Value>(text: string): Partial<Value> | undefined {
  try {
    return (JSON.parse(text) as Partial<Value> | null) ?? undefined;
  } catch {
    return undefined;
  }
}
