import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import type { ReadStream } from 'node:fs';
import { isAbsolute, normalize, sep } from 'node:path';

import type { GenerationTask, ImageClient } from '@holodeck/core';

import { withBackendOption } from '../backend-options.ts';
import { parseBatchLine } from '../batch-file.ts';
import { CommandError } from '../command-error.ts';
import { runCommandBody, withCommonOptions } from '../command-run.ts';
import type { CommandRun, CommonOptions } from '../command-run.ts';
import { costSettings, withCostOptions } from '../cost-options.ts';
import type { CostOptions } from '../cost-options.ts';
import type { ExitCode } from '../exit-codes.ts';
import { readJsonLines } from '../json-lines.ts';
import { messages } from '../messages/messages.ts';
import { concurrencyOption } from '../option-values.ts';
import { PlanReport } from '../plan-report.ts';
import { ResultReport } from '../result-report.ts';
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
  const { generator, client, close } = await openGenerator(options, run);
  const report = new ResultReport(run);
  const plans = new PlanReport(run, options.maxCost);
  const problem = (message: string, line?: number): void => {
    report.addProblem();
    plans.addProblem();
    run.error(message);
    const error = { kind: 'invalid-request', outcome: 'not-submitted', message, retryable: false, backend: 'core' };
    run.print({ success: false, ...(line === undefined ? {} : { line }), error });
  };
  try {
    const lines = insideTargets(readTasks(source, name, problem, run.signal), options, (task) => {
      const { where, line } = placeOf(name, task);
      problem(errors.batch.at(where, errors.batch.outside(JSON.stringify(task.outputPath))), line);
    });
    const tasks = distinctTargets(lines, (task, same) => {
      const { where, line } = placeOf(name, task);
      if (same) run.view.note(reports.duplicateTask(where));
      else problem(errors.batch.sameFile(where, String(task.outputPath)), line);
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
  close(): Promise<void>;
}> {
  if (options.queue !== undefined) {
    if (options.resubmitUnknown === true) {
      throw new CommandError(messages().errors.queue.noResubmit);
    }
    const { dryRun, maxCost, prices, cache } = options;
    const [first] = Object.entries({ '--dry-run': dryRun, '--max-cost': maxCost, '--prices': prices, '--cache': cache })
      .filter(([, value]) => value !== undefined)
      .map(([flag]) => flag);
    if (first !== undefined) throw new CommandError(messages().errors.cost.paidByWorkers(first));
    if (options.concurrency !== undefined) run.warn(messages().reports.queue.concurrencyIsForWorkers);
    const { openTaskQueue } = await import('../queue-clients.ts');
    const queue = await openTaskQueue(options.queue, options.backend);
    return { generator: queue, close: () => queue.close() };
  }
  const { openImageClient } = await import('../image-clients.ts');
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

/** Reads tasks as they are wanted: the file may be larger than the memory. */
async function* readTasks(
  source: AsyncIterable<Uint8Array>,
  name: string,
  problem: (message: string, line?: number) => void,
  signal: AbortSignal,
): AsyncGenerator<GenerationTask> {
  const { reports, errors } = messages();
  try {
    for await (const line of readJsonLines(source)) {
      if (signal.aborted) return;
      const parsed = parseBatchLine(line);
      if ('problem' in parsed)
        problem(errors.batch.at(reports.line(name, parsed.number), parsed.problem), parsed.number);
      // The line goes with the task, so that a later error can name it.
      else yield { ...parsed.task, metadata: { line: parsed.number, ...parsed.task.metadata } };
    }
  } catch (error) {
    // What follows cannot be read; what was read goes on.
    const { code, message } = error as NodeJS.ErrnoException;
    problem(errors.batch.cannotReadFurther(name, code ?? message));
  }
}

function placeOf(file: string, task: GenerationTask): { readonly where: string; readonly line: number } {
  const line = Number(task.metadata?.['line']);
  return { where: messages().reports.line(file, line), line };
}

/**
 * Leaves out tasks for the queue whose file is not below the folder of the workers, which is known only to them. Without a queue,
 * the client itself looks, and sees links too.
 */
async function* insideTargets(
  tasks: AsyncIterable<GenerationTask>,
  { queue, allowOutside }: BatchOptions,
  leftOut: (task: GenerationTask) => void,
): AsyncGenerator<GenerationTask> {
  for await (const task of tasks) {
    const { outputPath = '.' } = task;
    const isOutside = isAbsolute(outputPath) || normalize(outputPath).split(sep)[0] === '..';
    if (queue !== undefined && allowOutside !== true && isOutside) leftOut(task);
    else yield task;
  }
}

/**
 * Leaves out tasks whose file belongs to an earlier one: both would be paid for, and one lost. Kept as numbers, so that a long
 * file costs little memory.
 */
async function* distinctTargets(
  tasks: AsyncIterable<GenerationTask>,
  leftOut: (task: GenerationTask, same: boolean) => void,
): AsyncGenerator<GenerationTask> {
  const taken = new Map<number, number>();
  for await (const task of tasks) {
    const { metadata: _metadata, outputPath, ...request } = task;
    if (outputPath !== undefined) {
      const target = numberOf(normalize(outputPath));
      const content = numberOf(JSON.stringify(request));
      const earlier = taken.get(target);
      if (earlier !== undefined) {
        leftOut(task, earlier === content);
        continue;
      }
      taken.set(target, content);
    }
    yield task;
  }
}

function numberOf(text: string): number {
  return Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 13), 16);
}
