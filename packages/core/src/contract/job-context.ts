import type { InspectedImage } from '../images/image-inspector.ts';
import type { JobHandle } from './job-handle.ts';
import type { Lane } from './lane.ts';
import type { Logger } from './logger.ts';
import type { ImageWarning } from './warning.ts';

/** Progress of a running job. */
export type ProgressEvent =
  /** The provider has queued the job. */
  | { readonly type: 'queued'; readonly position?: number }
  /** The job runs. */
  | {
      readonly type: 'running';
      /** Between 0 and 1, if the provider reports it. */
      readonly fraction?: number;
      /** What the provider says of it, in its own language. */
      readonly note?: string;
      /** The part of a workflow that runs now, by the name that its author gave it. */
      readonly node?: string;
      /** How many steps of that part are done, of `steps`. */
      readonly step?: number;
      readonly steps?: number;
    }
  /** A preview picture of an unfinished job. */
  | { readonly type: 'preview'; readonly bytes: Uint8Array; readonly mediaType: string }
  /** The job has ended and its files are being fetched. */
  | { readonly type: 'downloading'; readonly bytes?: number; readonly total?: number };

/** Receives the bytes of one image, in memory or in a temporary file. */
export interface ImageSink {
  /** Appends; waits if the target is slow. The chunk is the caller's again once it resolves: a sink that keeps it copies it. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the bytes durable. Do not write after it. */
  close(): Promise<void>;
  /** Discards the bytes. Harmless after `close`. */
  abort(): Promise<void>;
  /**
   * What the bytes show, after all are written; undefined = not a known image. A sink with this method inspects the bytes, so the
   * writer need not. Do not write after it.
   */
  inspect?(): InspectedImage | undefined;
}

/** The account's rate, as the answer to a submission reports it. */
export interface RateReport {
  readonly unit: 'requests' | 'images';
  readonly perMinute: number;
  /** What may be sent now. */
  readonly remaining: number;
  /** Milliseconds until more may be sent. */
  readonly resetMs: number;
}

/** What the driver passes to `submit`, `collect`, `locate` and `cancel`. */
export interface JobContext {
  /** A new lowercase UUID for each attempt. */
  readonly key: string;
  readonly lane: Lane;
  /** Aborted by the caller, by a deadline, or by closing the client. */
  readonly signal: AbortSignal;
  /**
   * For `submit`: await it right before the first byte of the request leaves, once all that takes time is done (reading
   * references, uploads, loading an SDK, the connection); `createOneShotFetch` and `createOneShotAgent` take it as an option. The
   * driver writes the row in it: after it, a crash makes the submission `unknown`; before it, nothing was sent. Rejects when
   * nothing may be sent any more: then send nothing, and throw what you like, for the driver knows why. A backend that already
   * knows what its submission can be found by passes it as a handle: the row keeps it, and `locate` gets it as `draft`.
   */
  readonly beforeSend?: (draft?: JobHandle) => Promise<void>;
  /** For `locate` and `handleFor`: what `submit` passed to `beforeSend`, also in another process. */
  readonly draft?: JobHandle | undefined;
  /**
   * May be called often; never throws. For a free job with `progress: "push"` each call shows that the job, or one before it,
   * advances; without any, the task ends after `timeoutMs`.
   */
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Call it when the job has ended at the provider, before the download: its slot is free. Later calls do nothing. */
  readonly onEnded?: () => void;
  /** For `collect`: how many images were asked for. `takeImages` keeps to it. Absent = unknown. */
  readonly imageCount?: number;
  /**
   * For `submit`: what becomes of an option whose lack shows only at the provider, such as a missing model. `error` = refuse it;
   * `warn` = leave it out, with a warning. Default `error`.
   */
  readonly onUnsupported?: 'error' | 'warn';
  /** A sink for the image at this index (from 0). Opening it again truncates. */
  readonly openImage: (index: number) => Promise<ImageSink>;
  /**
   * For `collect`: a sink for a file that the job made beside its images, such as a 3D model, by the provider's name for it. The
   * driver puts it beside the first image and warns of it. Opening a name again truncates. Absent = such files are not kept.
   */
  readonly openExtraFile?: (name: string) => Promise<ImageSink>;
  /**
   * A folder for files of the backend (a spooled answer), kept as long as the attempt. Absent if the driver keeps everything in
   * memory.
   */
  readonly spoolDirectory?: string;
  /**
   * An answer with the images may go into the handle (`JobHandle.answer`) instead of a file in `spoolDirectory` if it has at most
   * this many bytes: the driver writes the handle to disk first. Absent = 0.
   */
  readonly maxHandleAnswerBytes?: number;
  /**
   * Resolves when the job may be polled again; rejects with the signal's reason on abort. The driver paces all jobs of a lane
   * together and learns how long they take. Absent = the backend uses `createPollPacer`.
   */
  readonly nextPoll?: () => Promise<void>;
  /** For `submit` of a backend with `limitSignal: "headers"`: reports the account's rate from the answer, also from a refusal. */
  readonly onRate?: (report: RateReport) => void;
  readonly logger?: Logger;
  /** For warnings of the backend; the result contains them. */
  readonly onWarning?: (warning: ImageWarning) => void;
}

/** What `probe` receives. */
export interface ProbeContext {
  /** Aborted at the probe's deadline. */
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}
