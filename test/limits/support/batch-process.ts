/**
 * A batch in its own process: `batch-process.ts <options as JSON>`. Sends "ready", starts at "go", and sends the number of failed
 * tasks.
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

// Exit if the parent is gone. Otherwise the process ends once the result is sent.
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
