import { ImageError } from '@holodeck/core';

/** Options that make no sense: nothing has been read. */
export function invalidRequest(message: string): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', message, backend: 'cards' });
}
