import type { ImageArchive } from '@holodeck/redis';

import { withBackendOption } from '../backend-options.ts';
import { runCommandBody, withCommonOptions } from '../command-run.ts';
import type { CommandRun, CommonOptions } from '../command-run.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { concurrencyOption, integerOption } from '../option-values.ts';
import { queueUrl } from '../queue-option.ts';
import type { RegisterCommand } from './register.ts';

interface WorkerOptions extends CommonOptions {
  readonly backend: string;
  readonly out: string;
  readonly queue?: string;
  readonly images?: string;
  readonly concurrency?: number | 'auto';
  readonly graceMs: number;
  readonly metricsPort?: number;
  readonly metricsHost: string;
}

export const registerWorker: RegisterCommand = (program, finish) => {
  const command = program
    .command('worker')
    .description('work on a queue that several machines share, until Ctrl-C or SIGTERM')
    .option('--queue <url>', 'redis://[user:password@]host[:port][/database]; default: HOLODECK_STORE')
    .option('--out <folder>', 'where images are kept: a folder that all machines reach', 'output')
    .option(
      '--images <url>',
      'keep finished images at file:///mnt/pictures or s3://bucket/prefix?region=...&endpoint=...; default: HOLODECK_IMAGES',
    )
    .option(
      '--concurrency <n>',
      'jobs at the service at once over all workers, or auto to find the limit; default: 1, 4, 2',
      concurrencyOption,
    )
    .option('--grace-ms <n>', 'how long running jobs may take to end after SIGTERM', integerOption(0), 30_000)
    .option('--metrics-port <n>', 'serve Prometheus metrics at http://127.0.0.1:<n>/metrics', integerOption(0, 65_535))
    .option('--metrics-host <host>', 'where metrics are served', '127.0.0.1');
  withCommonOptions(withBackendOption(command)).action(async (options: WorkerOptions) =>
    finish(await runCommandBody(options, (run) => work(options, run))),
  );
};

async function work(options: WorkerOptions, run: CommandRun): Promise<ExitCode> {
  const url = queueUrl(options.queue);
  const { createImageWorker, openImageArchive, startMetricsServer } = await import('@holodeck/redis');
  const { openImageClient } = await import('../image-clients.ts');
  const { openSharedStore } = await import('../shared-store.ts');
  // Without the server there is nothing else to do than to wait for it.
  const maxOutageMs = Number.POSITIVE_INFINITY;
  const shared = await openSharedStore(run, url, { maxOutageMs });
  const images = options.images ?? (process.env['HOLODECK_IMAGES']?.trim() || undefined);
  let archive: ImageArchive | undefined;
  try {
    archive = images === undefined ? undefined : await openImageArchive(images);
    const { client, close } = await openImageClient(run, {
      backend: options.backend,
      outputDir: options.out,
      shared,
      ...(options.concurrency === undefined ? {} : { maxConcurrent: options.concurrency }),
    });
    try {
      const worker = await createImageWorker({
        url,
        client,
        maxOutageMs,
        ...(archive === undefined ? {} : { archive }),
      });
      const metrics =
        options.metricsPort === undefined
          ? undefined
          : await startMetricsServer({ worker, client, port: options.metricsPort, host: options.metricsHost });
      const stop = (): void => void worker.close({ graceMs: options.graceMs });
      run.signal.addEventListener('abort', stop, { once: true });
      if (run.signal.aborted) stop();
      try {
        run.print(
          { worker: worker.name, lane: worker.lane, ...(metrics === undefined ? {} : { metrics: metrics.url }) },
          `working on ${worker.lane}`,
        );
        if (metrics !== undefined) run.view.note(`Metrics: ${metrics.url}`);
        await worker.finished;
      } finally {
        await metrics?.close();
        await worker.close({ graceMs: 0 });
      }
      const { completed, failed, requeued } = worker.stats();
      run.view.note(`Stopped: ${completed} made, ${failed} failed, ${requeued} put back.`);
      return exitCodes.done;
    } finally {
      await close();
    }
  } finally {
    await archive?.close();
    await shared.permits.close();
    await shared.store.close();
  }
}
