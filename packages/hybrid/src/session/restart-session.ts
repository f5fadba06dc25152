import type { ImageError } from '@holodeck/core';
import type { SessionRecord } from '@holodeck/core/stores';
import { staleAsset } from '../assets/asset.ts';
import { decideLook } from '../backends/backend-look.ts';
import { inOrderOfTrial } from '../backends/availability.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import type { CallState } from '../assets/call-state.ts';
import { say as sayOfAsset } from '../assets/asset-messages.ts';
import { say } from '../lock/lock-messages.ts';
import { claimRecord } from '../lock/lock-records.ts';
import type { Grant, SessionLock } from '../lock/session-lock.ts';
import { sessionDataOf, storedData } from './session-data.ts';
import { reasonOf } from './session-events.ts';
import type { SessionChanges, SessionSection } from './session-publisher.ts';
import { publishSession } from './session-publisher.ts';

/**
 * Gives the session to the next backend that can be used: one compare-and-set of the epoch. The winner gets the claim and
 * makes everything again; the others follow. Undefined if there is no other backend.
 */
export async function restartSession(
  context: HybridContext,
  lock: SessionLock,
  grant: Grant,
  error: ImageError,
  call: CallState,
): Promise<Grant | undefined> {
  const { availability, members } = context;
  const others = members.filter((member) => member !== grant.member);
  const reports = await Promise.all(others.map((member) => availability.report(member, { signal: call.signal })));
  for (const member of inOrderOfTrial(others, reports)) {
    const loaded = await member.load().catch(() => undefined);
    const look = loaded && (await decideLook(loaded.backend, call.signal).catch(() => undefined));
    if (loaded === undefined || look === undefined) continue;
    const reason = say('restarted', { backend: grant.member.name, kind: error.kind, reason: error });
    const parts = {
      ownerId: context.ownerId,
      claimLeaseMs: lock.claimLeaseMs,
      reason,
      reports,
      tried: [grant.member.name],
    };
    let won = false;
    await lock.asPilot(grant.sessionId, async () => {
      await publishSession(context, grant.sessionId, (section) => {
        if (section.session.state !== 'locked' || section.session.epoch !== grant.epoch) return undefined;
        won = true;
        const claim = claimRecord(section.session, look, { ...parts, now: context.clock.now() });
        return restarted(section, claim, context.clock.now());
      });
      return won;
    });
    if (!won) return lock.enter(grant.sessionId, call.signal);
    const record = await context.store.sessions.get(grant.sessionId);
    const epoch = grant.epoch + 1;
    if (record === undefined || record.epoch !== epoch) return lock.enter(grant.sessionId, call.signal);
    return {
      sessionId: grant.sessionId,
      epoch,
      choiceEpoch: epoch,
      member,
      loaded,
      look,
      pilot: true,
      failures: [{ name: grant.member.name, error }],
    };
  }
  return undefined;
}

function restarted(
  { session, assets }: SessionSection,
  claim: Omit<SessionRecord, 'revision'>,
  now: number,
): SessionChanges {
  const { backend = '', model = '', fingerprint = '', epoch } = session;
  const chosen = sessionDataOf(claim as SessionRecord).reason;
  const before = {
    backend,
    model,
    fingerprint,
    choiceEpoch: sessionDataOf(session).choiceEpoch ?? epoch,
    restartEpoch: claim.epoch,
  };
  const staleReason = sayOfAsset('stale-restarted', { backend: claim.backend ?? '' });
  const data = { from: backend, to: claim.backend, epoch: claim.epoch, ...(chosen && reasonOf(chosen)) };
  const stale = assets
    .filter((asset) => asset.state === 'current' && asset.spec.kind !== 'imported-reference')
    .map((asset) => staleAsset(asset, staleReason, now, claim.epoch));
  return {
    session: { ...claim, data: storedData({ ...sessionDataOf(claim as SessionRecord), before }) },
    assets: stale,
    events: [{ type: 'restart', data: { ...data, stale: stale.length } }],
  };
}
