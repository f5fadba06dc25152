import type { Message } from '../messages/message.ts';

/** Something that a caller should know although there is an image. */
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
  /** The request field or option, if there is one. */
  readonly feature?: string;
}
