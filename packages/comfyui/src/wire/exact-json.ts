/**
 * JSON with whole numbers of any length. A seed of ComfyUI goes up to 2^64 - 1, beyond what a JavaScript number holds: such
 * numbers are BigInts here, so that a workflow is sent as it was written.
 */

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** In Node since 21 (https://tc39.es/proposal-json-parse-with-source/); TypeScript does not know it yet. */
interface JsonWithSource {
  parse(text: string, reviver: Reviver): unknown;
  rawJSON(text: string): unknown;
}

const json = JSON as unknown as JsonWithSource;

/** `JSON.parse`, where a whole number that would lose digits becomes a BigInt. @throws {SyntaxError} where it is not JSON. */
export function parseExactJson(text: string): unknown {
  // Shorter numbers lose nothing, and a reviver is slow.
  return /\d{16}/.test(text) ? json.parse(text, exact) : (JSON.parse(text) as unknown);
}

function exact(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  const loses = typeof value === 'number' && source !== undefined && !Number.isSafeInteger(value);
  return loses && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** `JSON.stringify` that writes BigInts as numbers. */
export function stringifyExactJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error;
    return JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'bigint' ? json.rawJSON(String(part)) : part,
    );
  }
}
