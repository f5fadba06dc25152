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

/** Bounds of the pauses between two looks at a backend that is away. */
const firstPauseMs = 1000;
const longestPauseMs = 15_000;

/**
 * What a fault of a locked session's backend leads to, by the policy: a grant to go on with, or undefined when the fault
 * stands. A single asset never moves alone.
 *
 * @throws ImageError when the policy ends with an error of its own.
 */
export async function onLockedFault(
  context: HybridContext,
  lock: SessionLock,
  grant: Grant,
  error: ImageError,
  call: CallState,
): Promise<Grant | undefined> {
  const { onLockedBackendDown } = context;
  if (isBackendDown(error)) context.availability.noteFault(grant.member, grant.loaded.backend.model, error);
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

/** Whether the session has another epoch than the grant: somebody has restarted or released it. */
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
  // A deadline of one's own says less than what the backend itself has said.
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

/** The fault, with what a person can do about it. */
function withChoices(grant: Grant, error: ImageError): ImageError {
  const { name: backend, model } = grant.loaded.backend;
  const choices = say('locked-choices', { sessionId: grant.sessionId, backend, model });
  return ImageError.with(error, joinSentences(error, choices));
}
