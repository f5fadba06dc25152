/** The cause of an error. */
export type ImageErrorKind =
  | 'invalid-request'
  | 'unsupported'
  | 'auth'
  | 'quota'
  | 'content-policy'
  | 'rate-limit'
  | 'concurrency-limit'
  | 'unavailable'
  | 'timeout'
  | 'job-failed'
  | 'bad-response'
  | 'storage'
  | 'budget'
  | 'session'
  | 'aborted'
  | 'internal';

/** Where the money stands when the error is thrown. */
export type ImageErrorOutcome =
  /** Nothing left this process, or no connection was made. */
  | 'not-submitted'
  /** The provider said no in its own words; nothing runs, nothing is owed. */
  | 'rejected'
  /** A job exists and may still bring its image: collect again. */
  | 'accepted'
  /** The provider took the job and says that it ended without an image. */
  | 'failed'
  /** Paid for, and not to be had any more; a new submission pays again. */
  | 'lost'
  /** It cannot be told whether the submission arrived. Never sent again blindly. */
  | 'unknown';

/** Which outcomes can go with which cause; the conformance suite holds every backend to it. */
export const legalOutcomes: Readonly<Record<ImageErrorKind, readonly ImageErrorOutcome[]>> = {
  'invalid-request': ['not-submitted', 'rejected', 'failed'],
  unsupported: ['not-submitted', 'rejected'],
  auth: ['not-submitted', 'rejected', 'accepted'],
  quota: ['rejected', 'accepted', 'failed'],
  'content-policy': ['rejected', 'failed'],
  'rate-limit': ['not-submitted', 'rejected', 'accepted'],
  'concurrency-limit': ['not-submitted', 'rejected'],
  unavailable: ['not-submitted', 'rejected', 'accepted', 'failed', 'lost', 'unknown'],
  timeout: ['not-submitted', 'rejected', 'accepted', 'unknown'],
  'job-failed': ['failed', 'lost'],
  'bad-response': ['accepted', 'failed', 'lost', 'unknown'],
  storage: ['not-submitted', 'accepted', 'lost', 'unknown'],
  budget: ['not-submitted', 'failed'],
  session: ['not-submitted'],
  aborted: ['not-submitted', 'rejected', 'accepted', 'failed', 'unknown'],
  internal: ['not-submitted', 'accepted', 'unknown'],
};

/** Whether a kind and an outcome may stand together. */
export function isLegalOutcome(kind: ImageErrorKind, outcome: ImageErrorOutcome): boolean {
  return legalOutcomes[kind].includes(outcome);
}
