/**
 * The claim check of a paid job: plain JSON, written to disk before anyone waits for the job. Everything that `collect`
 * needs, in another process too, and nothing secret.
 */
export interface JobHandle {
  /** Version of the handle's form; 1. */
  readonly version: 1;
  /** Name of the backend that made it. */
  readonly backend: string;
  /** Id of the lane that the job runs on. */
  readonly lane: string;
  /** First 16 hex digits of the SHA-256 of the credential's public id; see `credentialHash`. A handle of another account is refused. */
  readonly credential: string;
  /** The provider's own id of the job, for people and for support. */
  readonly jobId: string;
  /** The key of the attempt that made the job. */
  readonly key: string;
  /** Unix time in milliseconds at which the submission was accepted. */
  readonly acceptedAtMs: number;
  /**
   * The provider's answer itself, as text, where it is small enough for `JobContext.maxHandleAnswerBytes` and brings the
   * images: they are collected from it. It is dropped from what is stored once they are in their place.
   */
  readonly answer?: string;
  /** The backend's own data, plain JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
}
