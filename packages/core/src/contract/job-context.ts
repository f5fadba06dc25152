import type { InspectedImage } from '../images/image-inspector.ts';
import type { Lane } from './lane.ts';
import type { Logger } from './logger.ts';
import type { ImageWarning } from './warning.ts';

/** News of a running job. */
export type ProgressEvent =
  /** The provider has put the job into its queue. */
  | { readonly type: 'queued'; readonly position?: number }
  /** The provider works on it. `fraction` is between 0 and 1 where the provider tells. */
  | { readonly type: 'running'; readonly fraction?: number; readonly note?: string }
  /** A whole picture of an unfinished job. */
  | { readonly type: 'preview'; readonly bytes: Uint8Array; readonly mediaType: string }
  /** The job is over at the provider and its files are being fetched. */
  | { readonly type: 'downloading'; readonly bytes?: number; readonly total?: number };

/** Where the bytes of one image go. Memory or a temporary file; the backend need not know which. */
export interface ImageSink {
  /** Appends. Waits where the target is slow. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes what was written durable. Nothing may be written after it. */
  close(): Promise<void>;
  /** Throws away what was written. Harmless after `close`. */
  abort(): Promise<void>;
  /**
   * What the bytes say, all of them being written; undefined = no known image. A sink that has it looks at the bytes itself, so
   * whoever writes need not do it as well. Nothing may be written after it.
   */
  inspect?(): InspectedImage | undefined;
}

/** What a provider told, with its answer to a submission, of the rate at which the account may send. */
export interface RateReport {
  /** What is counted. */
  readonly unit: 'requests' | 'images';
  readonly perMinute: number;
  /** What may still be sent now. */
  readonly remaining: number;
  /** From now until more may be sent, in milliseconds. */
  readonly resetMs: number;
}

/** What the driver hands to `submit`, `collect`, `locate` and `cancel`. */
export interface JobContext {
  /** A fresh lowercase UUID for each attempt. */
  readonly key: string;
  readonly lane: Lane;
  /** Aborted by the caller, by a deadline, or when the client is closed. */
  readonly signal: AbortSignal;
  /**
   * For `submit`: await it right before the first byte of the request leaves, once all that takes time is done (reading
   * references, uploads, loading an SDK, the connection); `createOneShotFetch` and `createOneShotAgent` take it as an option. The
   * driver writes the row in it: after it, a crash makes the submission `unknown`; before it, nothing was sent. Rejects when
   * nothing may be sent any more: then send nothing, and throw what you like, for the driver knows why.
   */
  readonly beforeSend?: () => Promise<void>;
  /** May be called often; never throws. */
  readonly onProgress?: (event: ProgressEvent) => void;
  /** The job is over at the provider: its slot is free before the download begins. Call it once; more calls do nothing. */
  readonly onEnded?: () => void;
  /** A sink for the image at this index (from 0). Opening the same index again truncates. */
  readonly openImage: (index: number) => Promise<ImageSink>;
  /**
   * A folder for what a backend must have on disk itself (a spooled answer). It lives as long as the attempt. Absent when
   * the driver keeps everything in memory.
   */
  readonly spoolDirectory?: string;
  /**
   * An answer that brings the images and has at most so many bytes may go into the handle (`JobHandle.answer`) instead of a
   * file in `spoolDirectory`: the driver has it on disk before anyone waits for the job. Absent = 0.
   */
  readonly maxHandleAnswerBytes?: number;
  /**
   * Resolves when the provider may be asked again for the state of this job; rejects with the signal's reason on abort.
   * The driver paces all jobs of a lane together and learns how long they take. Absent = the backend uses
   * `createPollPacer` of its own.
   */
  readonly nextPoll?: () => Promise<void>;
  /** For `submit` of a backend whose `limitSignal` is `headers`: what the answer, a refusal too, tells of the account's rate. */
  readonly onRate?: (report: RateReport) => void;
  readonly logger?: Logger;
  /** For a backend's warnings while it works; they land on the result. */
  readonly onWarning?: (warning: ImageWarning) => void;
}

/** What `probe` receives. */
export interface ProbeContext {
  /** Aborted at the probe's deadline. */
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}
