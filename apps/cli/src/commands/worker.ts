import type { ImageArchive } from '@holodeck/redis';

import { withBackendOption } from '../options/backend-options.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { costSettings, maxCostOption } from '../options/cost-options.ts';
import type { LimitOptions } from '../options/cost-options.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { concurrencyOption, integerOption } from '../options/option-values.ts';
import { describeMoney } from '../reports/plan-report.ts';
import { queueUrl } from '../options/queue-option.ts';
import type { RegisterCommand } from './register.ts';

interface WorkerOptions extends CommonOptions, LimitOptions {
  readonly backend: string;
  readonly out: string;
  readonly queue?: string;
  readonly images?: string;
  readonly allowReferences?: string;
  readonly allowOutside?: boolean;
  readonly concurrency?: number | 'auto';
  readonly graceMs: number;
  readonly metricsPort?: number;
  readonly metricsHost: string;
}

export const registerWorker: RegisterCommand = (program, finish) => {
  const { worker: text, common, cost } = messages().commands;
  const command = program
    .command('worker')
    .description(text.about)
    .option('--queue <url>', text.queue)
    .option('--out <folder>', text.out, 'output')
    .option('--images <url>', text.images)
    .option('--allow-references <folder>', text.allowReferences)
    .option('--allow-outside', common.allowOutside)
    .option('--concurrency <n>', text.concurrency, concurrencyOption)
    .option('--max-cost <amount>', text.maxCost, maxCostOption)
    .option('--prices <file.json>', cost.prices)
    .option('--grace-ms <n>', text.graceMs, integerOption(0), 30_000)
    .option('--metrics-port <n>', text.metricsPort, integerOption(0, 65_535))
    .option('--metrics-host <host>', text.metricsHost, '127.0.0.1');
  withCommonOptions(withBackendOption(command)).action(async (options: WorkerOptions) =>
    finish(await runCommandBody(options, (run) => work(options, run))),
  );
};

async function work(options: WorkerOptions, run: CommandRun): Promise<ExitCode> {
  const url = queueUrl(options.queue);
  const { queue: reports } = messages().reports;
  const { createImageWorker, openImageArchive, startMetricsServer } = await import('@holodeck/redis');
  const { openImageClient } = await import('../run/image-clients.ts');
  const { openSharedStore } = await import('../run/shared-store.ts');
  // Without the server there is nothing to do but wait for it.
  const maxOutageMs = Number.POSITIVE_INFINITY;
  const shared = await openSharedStore(run, url, { maxOutageMs });
  const images = options.images ?? (process.env['HOLODECK_IMAGES']?.trim() || undefined);
  let archive: ImageArchive | undefined;
  try {
    archive = images === undefined ? undefined : await openImageArchive(images);
    const { client, close } = await openImageClient(run, {
      backend: options.backend,
      outputDir: options.out,
      allowOutside: options.allowOutside ?? false,
      cost: await costSettings(options),
      shared,
      ...(options.concurrency === undefined ? {} : { maxConcurrent: options.concurrency }),
    });
    try {
      const worker = await createImageWorker({
        url,
        client,
        maxOutageMs,
        ...(archive === undefined ? {} : { archive }),
        ...(options.allowReferences === undefined ? {} : { allowReferences: options.allowReferences }),
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
          reports.workingOn(worker.lane),
        );
        if (metrics !== undefined) run.view.note(reports.metrics(metrics.url));
        await worker.finished;
      } finally {
        await metrics?.close();
        await worker.close({ graceMs: 0 });
        const { completed, failed, requeued } = worker.stats();
        const { submissions, amounts } = client.stats().spending;
        run.view.note(reports.stopped(completed, failed, requeued));
        if (submissions > 0) run.view.note(messages().reports.spent(submissions, describeMoney(amounts)));
      }
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
