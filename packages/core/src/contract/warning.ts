import type { Message } from '../messages/message.ts';

/** Something that a caller should know although the image was made. */
export interface ImageWarning extends Message {
  readonly code:
    | 'unsupported-option'
    | 'fewer-images'
    | 'size-differs'
    | 'format-differs'
    | 'option-adjusted'
    | 'deprecated'
    | 'storage'
    | 'other';
  /** The request field or option it is about, where there is one. */
  readonly feature?: string;
}
