import type { AssetResult, CardView } from '@holodeck/hybrid';
import type { SceneJobObject, SceneJobRequest } from './job-record.ts';
import { endOfAssets } from './run-image-job.ts';
import type { JobEnd, JobRun } from './run-image-job.ts';

/** Makes a scene: its reference, then its cards. What is there already is found, in any process. */
export async function runSceneJob(request: SceneJobRequest, run: JobRun): Promise<JobEnd> {
  const { clients, caller, signal, outputDir, onEvent, mayPayTwice } = run;
  const { session: sessionId, text, style, size, seed, objects, policy, withoutReference, providerOptions } = request;
  const client = clients.sessions(caller, mayPayTwice);
  const options = {
    signal,
    ...(policy === undefined ? {} : { onLockedBackendDown: policy }),
    onProgress: ({ assetId, event }: { assetId: string; event: Parameters<typeof onEvent>[1] }) =>
      onEvent(assetId, event),
  };
  const { again } = request;
  if (again !== undefined) {
    const session = client.session(sessionId);
    const version = again.seed === undefined ? options : { ...options, seed: again.seed };
    const [, objectId, view = 'front'] = again.asset.split('/') as [string, string?, CardView?];
    const made = await (objectId === undefined
      ? session.regenerateSceneReference(version)
      : session.regenerate(objectId, { ...version, view }));
    await clients.settleSession(caller, sessionId, [made]);
    return endOfAssets([made], outputDir);
  }
  const results: AssetResult[] = [];
  const settle = (ended: readonly AssetResult[]): Promise<void> => clients.settleSession(caller, sessionId, ended);
  if (text !== undefined) {
    const look = {
      ...(style === undefined ? {} : { style }),
      ...(size === undefined ? {} : { size }),
      ...(seed === undefined ? {} : { seed }),
      ...(providerOptions === undefined ? {} : { providerOptions }),
      views: ['front' as const, ...objects.flatMap(({ views = [] }) => views)],
    };
    const reference = await client.generateSceneReference({ sessionId, sceneText: text, ...look }, options);
    results.push(reference);
    await settle([reference]);
    // Cards follow the reference. Without one they have no look to follow.
    if (!reference.success) return endOfAssets(results, outputDir);
  }
  const byViews = Map.groupBy(objects, ({ views = ['front'] }) => views.join());
  const makeCards = async ([views, alike]: readonly [string, readonly SceneJobObject[]]): Promise<void> => {
    const cards = await client.generateObjectCards(
      {
        sessionId,
        objects: alike.map(({ views: _views, ...object }) =>
          providerOptions === undefined ? object : { providerOptions, ...object },
        ),
        views: views.split(',') as CardView[],
        ...(style === undefined ? {} : { style }),
        ...(withoutReference === undefined ? {} : { withoutReference }),
      },
      options,
    );
    results.push(...cards);
    await settle(cards);
  };
  await Promise.all(Array.from(byViews, makeCards));
  return endOfAssets(results, outputDir);
}
