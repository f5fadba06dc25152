import { canonicalJson, sha256Hex } from '@holodeck/core/backend';

/** Lowercase hex SHA-256 of a value's canonical JSON. */
export function hashOf(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
