import { createImageWorker, openRedisPermits, openRedisStore } from '@holodeck/redis';
import { createBenchClient } from './bench-client.ts';

/** A worker of the bench: `<url> <prefix> <outputDir> <maxConcurrent>`. */
const [url = '', prefix = '', outputDir = '', maxConcurrent = '1'] = process.argv.slice(2);
const connection = { url, prefix };
const [store, permits] = [await openRedisStore(connection), await openRedisPermits(connection)];
const client = createBenchClient({ store, permits, outputDir, maxConcurrent: Number(maxConcurrent) });
const worker = await createImageWorker({ ...connection, client });
process.once('SIGTERM', () => void worker.close());
process.once('disconnect', () => process.exit(0));
process.send?.('working');
await worker.finished;
await client.close();
await permits.close();
await store.close();
process.disconnect?.();
