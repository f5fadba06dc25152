import type { HybridContext } from '../internal/hybrid-context.ts';
import { isMade, staleAsset } from '../assets/asset.ts';
import { say as sayOfAsset } from '../assets/asset-messages.ts';
import { invalidRequest, sessionError } from '../internal/errors.ts';
import { freeRecord } from '../lock/lock-records.ts';
import { sessionDataOf, storedData } from './session-data.ts';
import { say } from './session-messages.ts';
import { publishSession } from './session-publisher.ts';

/** How a lock is released. */
export interface ReleaseOptions {
  /** Allows it even if the session has images; they become stale, and the next run pays for them again. Default false. */
  readonly discardAssets?: boolean;
}

/** How a session is given another backend. */
export interface RelockOptions extends ReleaseOptions {
  /** Name of the backend to take, such as `"openai"`. Default: the first available one in order of priority. */
  readonly backend?: string;
}

/**
 * Releases a session's lock: new epoch, no backend, all images stale.
 *
 * @throws ImageError of kind `session` and code `assets-exist` when there are images and `discardAssets` is not set.
 */
export async function releaseSession(context: HybridContext, sessionId: string, options: RelockOptions): Promise<void> {
  const { backend, discardAssets = false } = options;
  if (backend !== undefined && !context.members.some(({ name }) => name === backend)) {
    const names = context.members.map(({ name }) => name).join(', ');
    throw invalidRequest(
      names === '' ? say('nothing-configured', { backend }) : say('not-configured', { backend, names }),
    );
  }
  await publishSession(context, sessionId, ({ session, assets }) => {
    const made = assets.filter(
      (asset) => asset.state !== 'superseded' && isMade(asset) && asset.spec.kind !== 'imported-reference',
    );
    if (made.length > 0 && !discardAssets) {
      const maker = session.backend ?? say('earlier-backend');
      throw sessionError('assets-exist', say('assets-exist', { sessionId, count: made.length, backend: maker }));
    }
    const now = context.clock.now();
    const free = freeRecord(session);
    const { preferred: _preferred, ...data } = sessionDataOf({ ...free, revision: 0 });
    const epoch = session.epoch + 1;
    return {
      session: {
        ...free,
        epoch,
        data: storedData({ ...data, ...(backend === undefined ? {} : { preferred: backend }) }),
      },
      assets: made
        .filter((asset) => asset.state === 'current')
        .map((asset) => staleAsset(asset, sayOfAsset('stale-released'), now)),
      events: [
        {
          type: 'release',
          data: { epoch, from: session.backend, ...(backend === undefined ? {} : { preferred: backend }) },
        },
      ],
      manifest: session.revision !== 0,
    };
  });
}
