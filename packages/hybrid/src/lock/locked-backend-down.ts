import { ImageError } from '@holodeck/core';
import { isSilent } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';
import { assetsOf, isMade } from '../assets/asset.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import { note } from '../internal/hybrid-context.ts';
import type { CallState } from '../assets/call-state.ts';
import { say } from './lock-messages.ts';
import { isBackendDown, mayPass } from './lock-moves.ts';
import { restartSession } from '../session/restart-session.ts';
import type { Grant, SessionLock } from './session-lock.ts';

/** First and longest interval for polling a backend that is unavailable. */
const firstPauseMs = 1000;
const longestPauseMs = 15_000;

/**
 * Applies the policy to a fault of a locked session's backend. Returns a grant to continue with, or undefined if the fault stands.
 * One asset never moves to another backend alone.
 *
 * @throws ImageError if the policy itself ends with an error.
 */
export async function onLockedFault(
  context: HybridContext,
  lock: SessionLock,
  grant: Grant,
  error: ImageError,
  call: CallState,
): Promise<Grant | undefined> {
  const { onLockedBackendDown = context.onLockedBackendDown } = call;
  if (isBackendDown(error)) context.availability.noteFault(grant.member, grant.look.model, error);
  if (await hasMoved(context, grant)) return lock.enter(grant.sessionId, call.signal);
  if (onLockedBackendDown === 'wait' && mayPass(error)) return waitForBackend(context, lock, grant, error, call);
  if (!isBackendDown(error)) return undefined;
  if (onLockedBackendDown !== 'restart') throw withChoices(grant, error);
  if (call.restarting === undefined) {
    const restarting = assertRoomToRestart(context, grant).then(() =>
      restartSession(context, lock, grant, error, call),
    );
    call.restarting = restarting;
    const restarted = await restarting;
    if (restarted !== undefined) return restarted;
  } else {
    await call.restarting.catch(() => undefined);
    if (await hasMoved(context, grant)) return lock.enter(grant.sessionId, call.signal);
  }
  throw withChoices(grant, error);
}

/** Whether the session was restarted or released since the grant. */
async function hasMoved({ store }: HybridContext, grant: Grant): Promise<boolean> {
  return (await store.sessions.get(grant.sessionId))?.epoch !== grant.epoch;
}

async function assertRoomToRestart(context: HybridContext, grant: Grant): Promise<void> {
  const assets = await assetsOf(context, grant.sessionId);
  const count = assets.filter(
    (asset) => asset.state !== 'superseded' && isMade(asset) && asset.spec.kind !== 'imported-reference',
  ).length;
  for (const member of context.members.filter((one) => one !== grant.member)) {
    const loaded = await member.load().catch(() => undefined);
    if (loaded !== undefined) context.costGate.assertRoom(loaded.backend, Math.max(count, 1));
  }
}

async function waitForBackend(
  context: HybridContext,
  lock: SessionLock,
  grant: Grant,
  error: ImageError,
  call: CallState,
): Promise<Grant | undefined> {
  const { clock, availability, waitMs } = context;
  const { signal } = call;
  signal?.throwIfAborted();
  call.waitEndsAt ??= clock.monotonic() + waitMs;
  // The backend's own error says more than our timeout.
  if (error.kind !== 'timeout') call.waitedFor = error;
  await note(context, grant.sessionId, 'waiting', { backend: grant.member.name, error: error.toJSON(), waitMs });
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const leftMs = call.waitEndsAt - clock.monotonic();
    if (leftMs <= 0) throw withChoices(grant, call.waitedFor ?? error);
    await clock.sleep(Math.min(error.retryAfterMs ?? pauseMs, leftMs), signal);
    if (error.kind !== 'unavailable') break;
    const report = await availability.report(grant.member, { fresh: true, signal });
    if (report.status !== 'down' && !isSilent(report)) break;
  }
  return lock.enter(grant.sessionId, signal);
}

/** The fault, and what the reader can do about it. */
function withChoices(grant: Grant, error: ImageError): ImageError {
  const { name: backend, model } = grant.look;
  const choices = say('locked-choices', { sessionId: grant.sessionId, backend, model });
  return ImageError.with(error, joinSentences(error, choices));
}
