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

/** What happened to the submission, and so to the money. */
export type ImageErrorOutcome =
  /** Nothing was sent, or no connection was made. */
  | 'not-submitted'
  /** The provider refused; nothing runs, nothing is owed. */
  | 'rejected'
  /** A job exists and may still deliver its image: collect again. */
  | 'accepted'
  /** The provider accepted the job and reports that it ended without an image. */
  | 'failed'
  /** Paid, but no longer available; a new submission pays again. */
  | 'lost'
  /** It is unknown whether the submission arrived. Never sent again automatically. */
  | 'unknown';

/** The possible outcomes of each kind; the conformance suite checks every backend for it. */
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

/** Whether a kind can have an outcome. */
export function isLegalOutcome(kind: ImageErrorKind, outcome: ImageErrorOutcome): boolean {
  return legalOutcomes[kind].includes(outcome);
}
