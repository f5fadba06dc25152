import { ImageError } from '@holodeck/core';
import { assetsOf, failedAsset } from './asset.ts';
import { say } from './asset-messages.ts';
import type { AssetResult } from './asset-result.ts';
import { errorSource, sessionError, toImageError } from '../internal/errors.ts';
import type { HybridContext } from '../internal/hybrid-context.ts';
import type { CallState } from './call-state.ts';
import { onLockedFault } from '../lock/locked-backend-down.ts';
import { failureOf, makeAsset } from './make-asset.ts';
import type { MakeEnd } from './make-asset.ts';
import type { Grant, SessionLock } from '../lock/session-lock.ts';
import { publishSession } from '../session/session-publisher.ts';

/** How often one call follows a session to another backend, so that two callers who keep relocking it cannot block a third. */
const maxMoves = 10;

/** Makes assets of sessions: enters the lock, makes the asset, and handles failures by the lock's rules. */
export class AssetMaker {
  readonly #context: HybridContext;
  readonly #lock: SessionLock;

  constructor(context: HybridContext, lock: SessionLock) {
    this.#context = context;
    this.#lock = lock;
  }

  /** Makes one declared asset. Never rejects. */
  async make(sessionId: string, assetId: string, call: CallState): Promise<AssetResult> {
    let result: AssetResult;
    try {
      result = await this.#make(sessionId, assetId, call);
    } catch (error) {
      result = failureOf({ sessionId }, assetId, this.#ended(error, call));
    }
    if (!result.success) await this.#recordFailure(result.sessionId, assetId, result.error);
    return result;
  }

  async #make(sessionId: string, assetId: string, call: CallState): Promise<AssetResult> {
    let grant: Grant | undefined = await this.#lock.enter(sessionId, call.signal);
    let result: MakeEnd = 'backend-changed';
    for (let moves = 0; moves < maxMoves;) {
      const isPilot: boolean = grant.pilot;
      result = isPilot ? await this.#pilot(grant, assetId, call) : await makeAsset(this.#context, grant, assetId, call);
      if (result !== 'backend-changed' && result.success) {
        if (isPilot && call.restarting !== undefined && call.remaking === undefined)
          call.remaking = this.#remakeStale(sessionId, call);
        return result;
      }
      if (result === 'backend-changed') {
        moves += 1;
        if (isPilot) this.#lock.pilotDone(grant);
        grant = await this.#lock.enter(sessionId, call.signal);
        continue;
      }
      const next: Grant | undefined = isPilot
        ? await this.#lock.pilotFailed(grant, result.error, call.signal)
        : await onLockedFault(this.#context, this.#lock, grant, result.error, call);
      if (next === undefined) return result;
      grant = next;
    }
    return result === 'backend-changed'
      ? failureOf(
          { sessionId },
          assetId,
          sessionError('lock-mismatch', say('moved-often', { sessionId, count: maxMoves })),
        )
      : result;
  }

  async #pilot(grant: Grant, assetId: string, call: CallState): Promise<MakeEnd> {
    const renewal = this.#lock.keepClaim(grant);
    try {
      const result = await makeAsset(this.#context, grant, assetId, call);
      if (result !== 'backend-changed' && result.success) this.#lock.pilotDone(grant);
      return result;
    } finally {
      renewal.stop();
    }
  }

  /** After a restart every other asset is made again from its stored wish. */
  async #remakeStale(sessionId: string, call: CallState): Promise<readonly AssetResult[]> {
    const assets = await assetsOf(this.#context, sessionId);
    const stale = assets.filter(({ state, staleSinceEpoch }) => state === 'stale' && staleSinceEpoch !== undefined);
    return Promise.all(stale.map((asset) => this.make(sessionId, asset.assetId, call)));
  }

  async #recordFailure(sessionId: string, assetId: string, error: ImageError): Promise<void> {
    const { clock, logger } = this.#context;
    try {
      await publishSession(this.#context, sessionId, ({ assets }) => {
        const asset = assets.find((one) => one.assetId === assetId);
        const event = { type: 'failure', data: { assetId, error: error.toJSON() } };
        if (asset === undefined || asset.state === 'current') return { events: [event], manifest: false };
        return { assets: [failedAsset(asset, error.toJSON(), clock.now())], events: [event] };
      });
    } catch (fault) {
      logger?.warn({ sessionId, assetId, error: String(fault) }, 'A failure could not be recorded.');
    }
  }

  #ended(error: unknown, call: CallState): ImageError {
    if (call.signal?.aborted !== true || (ImageError.isInstance(error) && error.kind !== 'aborted'))
      return toImageError(error);
    return new ImageError({
      kind: 'aborted',
      outcome: 'not-submitted',
      ...say('aborted-waiting'),
      retryable: true,
      backend: errorSource,
      cause: error,
    });
  }
}
