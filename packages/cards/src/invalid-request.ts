import { ImageError } from '@holodeck/core';
import type { Message } from '@holodeck/core/messages';

/** Invalid options: nothing has been read. */
export function invalidRequest(message: Message): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', ...message, backend: 'cards' });
}
