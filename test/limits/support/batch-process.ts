/**
 * A batch in a process of its own: `batch-process.ts <options as JSON>`. Says "ready", begins at "go", and sends how many
 * tasks failed.
 */
import { openSqlitePermits } from '@holodeck/core/stores';
import { createHunyuanClient } from '@holodeck/hunyuan';
import type { BatchProcessOptions } from './start-batch-process.ts';

const options = JSON.parse(process.argv[2] as string) as BatchProcessOptions;
const { name, tasks, maxConcurrent, stateDirectory, ...backend } = options;

async function run(): Promise<number> {
  const permits = await openSqlitePermits({ directory: stateDirectory });
  const client = createHunyuanClient({ ...backend, maxConcurrent, permits });
  const results = await client.generateBatch(
    Array.from({ length: tasks }, (_, index) => ({ prompt: `${name} ${index + 1}`, size: '512x512' })),
  );
  await client.close();
  await permits.close();
  return results.filter(({ success }) => !success).length;
}

// The parent is gone; once the result is sent, the process ends by itself.
const orphaned = (): void => process.exit(1);
process.once('disconnect', orphaned);
process.once('message', () => {
  void run().then((failed) =>
    process.send?.({ failed }, () => {
      process.off('disconnect', orphaned);
      process.disconnect();
    }),
  );
});
process.send?.('ready');
