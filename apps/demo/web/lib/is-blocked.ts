import type { AssetView } from '../../src/shared/session-view.ts';

/** Whether the backend could not be used and nothing was paid: then a policy or the user may decide. */
export function isBlocked({ state, error }: AssetView): boolean {
  if (error === undefined || state === 'current' || state === 'superseded') return false;
  return ['unavailable', 'auth', 'quota'].includes(error.kind) && ['not-submitted', 'rejected'].includes(error.outcome);
}
