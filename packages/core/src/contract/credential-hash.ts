import { createHash } from 'node:crypto';

/**
 * The first 16 hex digits of the SHA-256 of a credential's public part (a SecretId, the start of a key's hash, a server's URL).
 * Distinguishes accounts in handles and lanes without revealing them.
 */
export function credentialHash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}
