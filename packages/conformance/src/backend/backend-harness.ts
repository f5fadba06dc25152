import type { GenerationTask, ImageBackend, ImageFormat } from '@holodeck/core';
import type { ImageSize } from '@holodeck/core/backend';
import type { RemoteOpener } from '../child-command.ts';

/** One reference picture as the server received it. */
export interface SeenReference {
  /** The encoded picture. */
  readonly bytes: Uint8Array;
  /**
   * The colour in the middle of the picture, 0 to 255 each. Needed if the backend encodes pictures again, which changes their
   * bytes.
   */
  readonly colour?: readonly [red: number, green: number, blue: number];
}

/** What a submission asked for, in the words of `ImageRequest`. A field is absent when nothing of the kind was sent. */
export interface SeenSubmission {
  readonly prompt?: string;
  readonly negativePrompt?: string;
  readonly size?: ImageSize;
  readonly seed?: number;
  readonly style?: string;
  readonly count?: number;
  readonly background?: string;
  readonly format?: ImageFormat;
  readonly references?: readonly SeenReference[];
}

/** The faults that the suite causes. Each lasts until `calm`. */
export type HarnessFault =
  /** Submissions are refused because too many run at once; nothing runs and nothing is paid. */
  | 'refuse-for-load'
  /** Submissions are refused because the account has no money. */
  | 'refuse-for-quota'
  /** Submissions are refused because of the prompt's content. */
  | 'refuse-for-content'
  /** The service accepts and runs the submission, then resets the connection instead of answering. */
  | 'lose-answer'
  /** The service reads the submission and resets the connection; nothing runs. */
  | 'reset-submission'
  /** Something in front of the service answers submissions with 502. */
  | 'fail-at-gateway'
  /** Submissions are answered by a page of HTML with status 200. */
  | 'answer-with-page'
  /** Submissions are accepted but not answered. */
  | 'hold-submission'
  /** Jobs do not end. */
  | 'hold-job'
  /** Images begin to arrive, but do not end. */
  | 'hold-image'
  /** Questions about a job's state are answered by 502. */
  | 'fail-query'
  /** Jobs end without an image. */
  | 'fail-job'
  /** Jobs are forgotten by the service. */
  | 'forget-job'
  /** Images are a text and no image. */
  | 'damage-image'
  /** The connection ends in the middle of an image. */
  | 'cut-image'
  /** Finished images are not to be had any more. */
  | 'expire-image';

/** Other ways to configure the backend. */
export type BackendVariant =
  /** The server refuses the credential. */
  | 'wrong-credential'
  /** A valid configuration of another account or server. */
  | 'other-account'
  /** Nothing listens at the address. */
  | 'unreachable';

/** A fresh server with nothing in it, and ways to see and to disturb it. One for each test. */
export interface BackendHarness {
  /** A backend wired to the server. The suite closes it. Called more than once, it stands for several processes. */
  createBackend(): ImageBackend | Promise<ImageBackend>;
  /** The same, configured otherwise; or the reason why that cannot be. */
  readonly variants: Readonly<Record<BackendVariant, (() => ImageBackend | Promise<ImageBackend>) | string>>;
  /** Added to every request of the suite: what makes it cheap, such as a size. */
  readonly request?: Partial<Pick<GenerationTask, 'size' | 'providerOptions'>>;
  /** Submissions that reached the server, refused ones included: all that may cost money. */
  submissions(): number | Promise<number>;
  /** The last of them, or the reason why it cannot be seen. */
  lastSubmission(): SeenSubmission | string | Promise<SeenSubmission | string>;
  /**
   * Lowercase hex SHA-256 of the images of the last finished job as the server made them, in its order; or the reason why
   * that cannot be seen.
   */
  imagesMade(): readonly string[] | string | Promise<readonly string[] | string>;
  /** Turns a fault on; or the reason why it cannot occur with this service. */
  readonly faults: Readonly<Record<HarnessFault, (() => void | Promise<void>) | string>>;
  /** Ends every fault; held requests continue. */
  calm(): void | Promise<void>;
  /** Texts that may appear nowhere: keys, and what marks a signed address, such as `q-signature=`. */
  readonly secrets: readonly string[];
  /** Connections that are open at the server now. */
  openConnections(): number | Promise<number>;
  /** How another process makes a backend wired to the same server; or the reason why none can. */
  readonly remote: RemoteOpener | string;
  /** Ends the server. Backends are closed by then. */
  dispose(): void | Promise<void>;
}
