import type { Message } from '../messages/message.ts';

/** Something that a caller should know although there is an image. */
export interface ImageWarning extends Message {
  readonly code:
    | 'unsupported-option'
    | 'fewer-images'
    /** More came than were asked for; the rest was left out. */
    | 'more-images'
    | 'size-differs'
    | 'format-differs'
    | 'option-adjusted'
    | 'deprecated'
    | 'storage'
    /** An earlier submission of the task is lost and counts as paid. */
    | 'paid-again'
    /** An earlier submission of the task is lost. It was free and was made again. */
    | 'sent-again'
    /** The look of a reference picture is followed in words only. */
    | 'reference-not-sent'
    | 'other';
  /** The request field or option, if there is one. */
  readonly feature?: string;
  /** Files that the job made beside its images, where the warning is that they are kept. */
  readonly files?: readonly {
    /**
     * In a result's `extraFiles` absolute; in a warning relative to the output folder, if it is inside; in a session's asset
     * relative to the session's folder, with `/`.
     */
    readonly path: string;
    /** What the provider calls it. */
    readonly name: string;
    readonly byteLength: number;
    /** Lowercase hex. */
    readonly sha256: string;
  }[];
}
