import { ImageError } from '@holodeck/core';
import type { AssetResult } from '../assets/asset-result.ts';
import { isSessionId } from '../identifiers.ts';
import { errorSource } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { say } from './session-messages.ts';
import { backendsWithOpenRows, publishFinishedRows, resumeRows } from './session-rows.ts';

/** Finishes and publishes what is open in one session, or in all. Submits nothing. */
export async function* resumeSessions(
  context: HybridContext,
  sessionId: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<AssetResult, void, undefined> {
  const ids =
    sessionId === undefined
      ? (await context.store.sessions.list()).map((session) => session.sessionId).filter(isSessionId)
      : [sessionId];
  for (const id of ids) {
    for (const [name, isOpen] of await backendsWithOpenRows(context, id)) {
      const member = context.members.find((one) => one.name === name);
      if (member === undefined) {
        if (isOpen) yield notConfigured(id, name);
      } else yield* resumeRows(context, id, await member.load(), signal);
    }
    yield* publishFinishedRows(context, id);
  }
}

function notConfigured(sessionId: string, backend: string): AssetResult {
  const error = new ImageError({
    kind: 'auth',
    outcome: 'accepted',
    ...say('open-jobs', { sessionId, backend }),
    backend: errorSource,
  });
  return { success: false, sessionId, assetId: '', backend, error, warnings: [] };
}
