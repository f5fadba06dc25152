/**
 * The claim check of a paid job: plain JSON, written to disk before the job is awaited. Contains all that `collect` needs, also in
 * another process, and nothing secret.
 */
export interface JobHandle {
  /** Version of the handle's form; 1. */
  readonly version: 1;
  /** Name of the backend. */
  readonly backend: string;
  /** Id of the job's lane. */
  readonly lane: string;
  /** `credentialHash` of the account. A handle of another account is refused. */
  readonly credential: string;
  /** The provider's id of the job, for people and support. */
  readonly jobId: string;
  /** The provider's id of the batch that the job is a part of. Default: of none. */
  readonly batchId?: string;
  /** The key of the attempt. */
  readonly key: string;
  /** When the submission was accepted, Unix time in milliseconds. */
  readonly acceptedAtMs: number;
  /** The model that makes the images, where the provider's server decides it. Default: that of the backend. */
  readonly model?: string;
  /** The share of the list price that the job costs. Default 1. */
  readonly priceShare?: number;
  /**
   * The provider's answer as text, if it contains the images and fits `JobContext.maxHandleAnswerBytes`: `collect` reads them from
   * it. The stored handle loses it once they are in place.
   */
  readonly answer?: string;
  /** The backend's own data, plain JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
}
