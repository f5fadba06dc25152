import type { ImageError } from '@holodeck/core';

/** Whether this command was interrupted. A job that was cancelled at the service by somebody else has failed. */
export function isInterruptedHere({ kind, outcome, code }: Pick<ImageError, 'kind' | 'outcome' | 'code'>): boolean {
  return kind === 'aborted' && (outcome !== 'failed' || code === 'cancelled');
}
