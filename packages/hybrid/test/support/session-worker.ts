import { createHybridClientFromEnv } from '../../src/index.ts';
import type { CardView, HybridEnvironmentOptions, SceneObject } from '../../src/index.ts';

/** The input of a worker process; its services come from the environment. */
export interface WorkerOrder {
  readonly sessionId: string;
  readonly sceneText: string;
  readonly objects: readonly SceneObject[];
  readonly views?: readonly CardView[];
  readonly options: Omit<HybridEnvironmentOptions, 'environment'>;
}

/** Its output: one entry for the reference and one for each card. */
export interface WorkerReport {
  readonly results: readonly {
    readonly assetId: string;
    readonly success: boolean;
    readonly backend?: string;
    readonly sha256?: string;
    readonly source?: string;
    readonly error?: unknown;
  }[];
}

process.once('message', (order: WorkerOrder) => {
  void run(order).then((report) => process.send?.(report, () => process.disconnect()));
});

async function run({ sessionId, sceneText, objects, views = ['front'], options }: WorkerOrder): Promise<WorkerReport> {
  const client = createHybridClientFromEnv(options);
  const reference = await client.generateSceneReference({ sessionId, sceneText, views });
  const cards = await client.generateObjectCards({ sessionId, objects, views });
  await client.close();
  return {
    results: [reference, ...cards].map((result) => ({
      assetId: result.assetId,
      success: result.success,
      ...(result.backend === undefined ? {} : { backend: result.backend }),
      ...(result.success ? { sha256: result.sha256, source: result.source } : { error: result.error.toJSON() }),
    })),
  };
}
