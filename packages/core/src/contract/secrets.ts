/** Shorter values may be words, and blanking them would make sentences unreadable. */
const leastLength = 8;

// A global symbol, so that two copies of this package blank the same.
const key = Symbol.for('holodeck.secrets');
const shared = globalThis as { [key]?: Set<string> };
const secrets = (shared[key] ??= new Set());

/**
 * Blanks these values from now on in all that a backend says: errors, warnings, progress and probe reports, and so in results,
 * stores, manifests, spans and output. Values of fewer than 8 characters are not blanked.
 */
export function keepSecrets(values: Iterable<string>): void {
  for (const value of values) if (value.length >= leastLength) secrets.add(value);
}

/** A text with every secret that `keepSecrets` was told replaced by `***`. */
export function blankSecrets(text: string): string {
  let rest = text;
  // The longest first, so that none is left in part.
  for (const secret of [...secrets].toSorted((one, other) => other.length - one.length))
    rest = rest.replaceAll(secret, '***');
  return rest;
}
