import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import type { ReadStream } from 'node:fs';

import type { GenerationTask, ImageClient, ImageError } from '@holodeck/core';

import { withBackendOption } from '../options/backend-options.ts';
import { affordable, distinctTargets, insideTargets, placeOf, readTasks } from '../input/batch-tasks.ts';
import { CommandError } from '../run/command-error.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { costSettings, withCostOptions } from '../options/cost-options.ts';
import type { CostOptions } from '../options/cost-options.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { concurrencyOption } from '../options/option-values.ts';
import { describeError } from '../progress/describe-result.ts';
import { PlanReport } from '../reports/plan-report.ts';
import { ResultReport } from '../reports/result-report.ts';
import type { RegisterCommand } from './register.ts';

interface BatchOptions extends CommonOptions, CostOptions {
  readonly backend: string;
  readonly out: string;
  readonly concurrency?: number | 'auto';
  readonly resubmitUnknown?: boolean;
  readonly allowOutside?: boolean;
  readonly queue?: string;
}

export const registerBatch: RegisterCommand = (program, finish) => {
  const { batch: text, common } = messages().commands;
  const command = program
    .command('batch')
    .description(text.about)
    .argument('<tasks.jsonl>', text.file)
    .option('--out <folder>', text.out, 'output')
    .option('--concurrency <n>', text.concurrency, concurrencyOption)
    .option('--queue <url>', text.queue)
    .option('--resubmit-unknown', common.resubmitUnknown)
    .option('--allow-outside', common.allowOutside);
  withCommonOptions(withCostOptions(withBackendOption(command))).action(async (file: string, options: BatchOptions) =>
    finish(await runCommandBody(options, (run) => batch(file, options, run))),
  );
};

async function batch(file: string, options: BatchOptions, run: CommandRun): Promise<ExitCode> {
  const { reports, errors } = messages();
  const name = file === '-' ? reports.standardInput : file;
  const source = await openSource(file);
  const { generator, client, reserve, close } = await openGenerator(options, run);
  const report = new ResultReport(run);
  const plans = new PlanReport(run, options.maxCost);
  const problem = (message: string, line?: number, own?: ImageError): void => {
    report.addProblem();
    plans.addProblem();
    run.error(message);
    const wrong = { kind: 'invalid-request', outcome: 'not-submitted', message, retryable: false, backend: 'core' };
    run.print({ success: false, ...(line === undefined ? {} : { line }), error: own?.toJSON() ?? wrong });
  };
  try {
    const lines = insideTargets(readTasks(source, name, problem, run.signal), options, (task) => {
      const { where, line } = placeOf(name, task);
      problem(errors.batch.at(where, errors.batch.outside(JSON.stringify(task.outputPath))), line);
    });
    const distinct = distinctTargets(lines, (task, same) => {
      const { where, line } = placeOf(name, task);
      if (same) run.view.note(reports.duplicateTask(where));
      else problem(errors.batch.sameFile(where, String(task.outputPath)), line);
    });
    const tasks = affordable(distinct, reserve, (task, error) => {
      const { where, line } = placeOf(name, task);
      problem(errors.batch.at(where, describeError(error)), line, error);
    });
    if (options.dryRun === true && client !== undefined) {
      for await (const task of tasks) {
        plans.add(await client.plan(task), reports.line(name, String(task.metadata?.['line'])));
      }
      plans.finish();
      return plans.exitCode();
    }
    const onProgress = run.view.onEvent.bind(run.view);
    const results = generator.generateStream(tasks, { signal: run.signal, onProgress });
    for await (const result of results) {
      const line = result.metadata?.['line'];
      report.add(result, typeof line === 'number' ? reports.line(name, line) : undefined);
    }
  } finally {
    source.destroy();
    await close();
  }
  run.view.note(report.summary());
  if (client !== undefined) report.spent(client.stats().spending);
  if (run.signal.aborted) run.view.note(reports.interrupted);
  return report.exitCode();
}

/** What makes the images: a client here, or the workers of a queue. */
async function openGenerator(
  options: BatchOptions,
  run: CommandRun,
): Promise<{
  readonly generator: Pick<ImageClient, 'generateStream'>;
  /** Absent where workers make them. */
  readonly client?: ImageClient;
  /** Takes room for a task of the queue in `--max-cost`. @throws {ImageError} kind `budget`. */
  reserve?(task: GenerationTask, key: string): void;
  close(): Promise<void>;
}> {
  if (options.queue !== undefined) {
    if (options.resubmitUnknown === true) {
      throw new CommandError(messages().errors.queue.noResubmit);
    }
    const { dryRun, cache } = options;
    const [first] = Object.entries({ '--dry-run': dryRun, '--cache': cache })
      .filter(([, value]) => value !== undefined)
      .map(([flag]) => flag);
    if (first !== undefined) throw new CommandError(messages().errors.cost.paidByWorkers(first));
    if (options.concurrency !== undefined) run.warn(messages().reports.queue.concurrencyIsForWorkers);
    const { openTaskQueue } = await import('../run/queue-clients.ts');
    const limits = await costSettings(options);
    const { queue, backend } = await openTaskQueue(options.queue, options.backend);
    const { CostGate, parseSize } = await import('@holodeck/core');
    const gate = new CostGate(limits);
    const reserve = (task: GenerationTask, key: string): void => {
      if (limits.maxCost === undefined) return;
      const paid = backend ?? { name: options.backend, model: '', capabilities: { billable: true } };
      const providerOptions = task.providerOptions?.[paid.name];
      const more = providerOptions === undefined ? {} : { providerOptions };
      gate.reserve(key, paid, { size: parseSize(task.size), count: task.count ?? 1, ...more });
    };
    return { generator: queue, reserve, close: () => queue.close() };
  }
  const { openImageClient } = await import('../run/image-clients.ts');
  const { client, close } = await openImageClient(run, {
    backend: options.backend,
    outputDir: options.out,
    resubmitUnknown: options.resubmitUnknown ?? false,
    allowOutside: options.allowOutside ?? false,
    cost: await costSettings(options),
    planning: options.dryRun ?? false,
    ...(options.concurrency === undefined ? {} : { maxConcurrent: options.concurrency }),
  });
  return { generator: client, client, close };
}

async function openSource(file: string): Promise<ReadStream | NodeJS.ReadStream> {
  if (file === '-') return process.stdin;
  try {
    if (statSync(file).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    const stream = createReadStream(file);
    await once(stream, 'ready');
    return stream;
  } catch (error) {
    throw new CommandError(messages().errors.batch.cannotRead(file, String((error as NodeJS.ErrnoException).code)));
  }
}
