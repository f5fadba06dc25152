import { messageOf } from '../messages/message-of.ts';
import type { Message } from '../messages/message.ts';
import { ImageError } from './image-error.ts';
import type { ImageErrorFields } from './image-error.ts';

/** The error for input that is refused before anything is sent: kind `invalid-request`, outcome `not-submitted`. */
export function invalidRequest(said: Message, details: Partial<ImageErrorFields> = {}): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', ...messageOf(said), ...details });
}
