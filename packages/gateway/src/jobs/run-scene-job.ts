import type { AssetResult } from '@holodeck/hybrid';
import type { SceneJobRequest } from './job-record.ts';
import { endOfAssets } from './run-image-job.ts';
import type { JobEnd, JobRun } from './run-image-job.ts';

/** Makes a scene: its reference, then its cards. What is there already is found, in any process. */
export async function runSceneJob(request: SceneJobRequest, run: JobRun): Promise<JobEnd> {
  const { clients, caller, signal, outputDir, onEvent } = run;
  const { session: sessionId, text, style, size, seed, objects, policy, withoutReference } = request;
  const client = clients.sessions(caller, policy);
  const options = {
    signal,
    onProgress: ({ assetId, event }: { assetId: string; event: Parameters<typeof onEvent>[1] }) =>
      onEvent(assetId, event),
  };
  const { again } = request;
  if (again !== undefined) {
    const session = client.session(sessionId);
    const isCard = again.asset.startsWith('card/');
    const made = await (isCard
      ? session.regenerate(again.asset.slice('card/'.length), { ...options, seed: again.seed })
      : session.regenerateSceneReference({ ...options, seed: again.seed }));
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
    };
    const reference = await client.generateSceneReference({ sessionId, sceneText: text, ...look }, options);
    results.push(reference);
    await settle([reference]);
    // Cards follow the reference. Without one they have no look to follow.
    if (!reference.success) return endOfAssets(results, outputDir);
  }
  if (objects.length > 0) {
    const cards = await client.generateObjectCards(
      {
        sessionId,
        objects,
        ...(style === undefined ? {} : { style }),
        ...(withoutReference === undefined ? {} : { withoutReference }),
      },
      options,
    );
    results.push(...cards);
    await settle(cards);
  }
  return endOfAssets(results, outputDir);
}
