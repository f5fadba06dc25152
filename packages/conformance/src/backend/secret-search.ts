import { inspect } from 'node:util';

/** The texts among `secrets` that can be seen in a value: in its JSON, its text, or what a debugger prints of it. */
export function hits(value: unknown, secrets: readonly string[]): string[] {
  const seen = [printed(value), String(value), json(value)].join('\n');
  return secrets.filter((secret) => seen.includes(secret));
}

function printed(value: unknown): string {
  return inspect(value, { depth: 12, maxArrayLength: 1000, maxStringLength: 100_000, showHidden: true });
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
