import { createComfyUIClient } from '@holodeck/comfyui';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { createImageWorker, openRedisPermits, openRedisStore } from '@holodeck/redis';

/** The first argument of a worker process, as JSON. */
export interface WorkerSettings {
  readonly url: string;
  readonly prefix: string;
  readonly outputDir: string;
  /** Hunyuan's. */
  readonly endpoint?: string;
  readonly secretId?: string;
  readonly secretKey?: string;
  /** ComfyUI is used where it is given. */
  readonly comfyUIUrl?: string;
  readonly maxConcurrent: number;
  /** Default: the product's. */
  readonly lockMs?: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const { url, prefix, outputDir, comfyUIUrl, maxConcurrent, lockMs, ...hunyuan } = settings;
const connection = { url, prefix, maxOutageMs: 60_000 };
const [store, permits] = [await openRedisStore(connection), await openRedisPermits(connection)];
const shared = { store, permits, outputDir, maxConcurrent };
const client =
  comfyUIUrl === undefined
    ? createHunyuanClient({ ...shared, ...hunyuan })
    : createComfyUIClient({ ...shared, url: comfyUIUrl });
const worker = await createImageWorker({ ...connection, client, ...(lockMs === undefined ? {} : { lockMs }) });

process.once('SIGTERM', () => void worker.close({ graceMs: 200 }));
process.once('disconnect', () => process.exit(0));
process.send?.('working');
await worker.finished;
await client.close();
await permits.close();
await store.close();
process.disconnect?.();
