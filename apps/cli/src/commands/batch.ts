import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import type { ReadStream } from 'node:fs';

import type { GenerationTask, ImageClient, ImageError, TaskEvent } from '@holodeck/core';
import { maxPictureBytes, readRegularFile } from '@holodeck/core/backend';
import type { BackendDefinition } from '@holodeck/core/backend';

import { useComfyUIFlags, withComfyUIOptions } from '../options/comfyui-options.ts';
import type { ComfyUIFlags } from '../options/comfyui-options.ts';
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
import { requirePreviews, withRequest, withRequestOptions } from '../options/request-options.ts';
import type { RequestOptions } from '../options/request-options.ts';
import { readJsonLines } from '../input/json-lines.ts';
import { chooseModel, findEconomy } from '../run/backends.ts';
import { Departure } from '../run/departure.ts';
import { keepPreviews } from '../run/preview-files.ts';
import { keepHeapSmall } from '../run/small-heap.ts';
import { EconomyProgress } from '../progress/economy-progress.ts';
import { describeError } from '../progress/describe-result.ts';
import { PlanReport } from '../reports/plan-report.ts';
import { ResultReport } from '../reports/result-report.ts';
import type { RegisterCommand } from './register.ts';

interface BatchOptions extends CommonOptions, CostOptions, RequestOptions, ComfyUIFlags {
  readonly backend: string;
  readonly out: string;
  readonly concurrency?: number | 'auto';
  readonly resubmitUnknown?: boolean;
  /** Of `--no-repay`. */
  readonly repay?: boolean;
  readonly allowOutside?: boolean;
  readonly overwrite?: boolean;
  readonly queue?: string;
  readonly economy?: boolean;
  /** Of `--no-wait`. */
  readonly wait?: boolean;
}

export const registerBatch: RegisterCommand = (program, finish) => {
  const { batch: text, common } = messages().commands;
  const command = program
    .command('batch')
    .description(text.about)
    .argument('<tasks.jsonl>', text.file)
    .option('--out <folder>', text.out, 'output')
    .option('--concurrency <n>', text.concurrency, concurrencyOption)
    .option('--economy', text.economy)
    .option('--no-wait', text.noWait)
    .option('--queue <url>', text.queue)
    .option('--resubmit-unknown', common.resubmitUnknown)
    .option('--no-repay', common.noRepay)
    .option('--allow-outside', common.allowOutside)
    .option('--overwrite', common.overwrite);
  withCommonOptions(withCostOptions(withComfyUIOptions(withRequestOptions(withBackendOption(command))))).action(
    async (file: string, options: BatchOptions) =>
      finish(await runCommandBody(options, (run) => batch(file, options, run))),
  );
};

async function batch(file: string, given: BatchOptions, run: CommandRun): Promise<ExitCode> {
  const options = await withEconomy(given);
  const { reports, errors } = messages();
  const name = file === '-' ? reports.standardInput : file;
  const source = await openSource(file);
  const { generator, client, definition, reserve, close } = await openGenerator(options, run);
  const report = new ResultReport(run);
  const plans = new PlanReport(run, options.maxCost);
  const problem = (message: string, line?: number, own?: ImageError): void => {
    run.view.expect(-1);
    report.addProblem();
    plans.addProblem();
    if (own === undefined || report.isSaid(own)) run.error(message);
    const wrong = { kind: 'invalid-request', outcome: 'not-submitted', message, retryable: false, backend: 'core' };
    run.print({ success: false, ...(line === undefined ? {} : { line }), error: own?.toJSON() ?? wrong });
  };
  try {
    const lines = insideTargets(readTasks(source, name, problem, run.signal), options, (task) => {
      const { where, line } = placeOf(name, task);
      problem(errors.batch.at(where, errors.batch.outside(JSON.stringify(task.outputPath))), line);
    });
    const distinct = distinctTargets(lines, (task, duplicate) => {
      const { where, line } = placeOf(name, task);
      if (duplicate === 'taskId') problem(errors.batch.sameTaskId(where, String(task.taskId)), line);
      else if (duplicate === 'file') problem(errors.batch.sameFile(where, String(task.outputPath)), line);
      else {
        run.view.expect(-1);
        run.view.note(reports.duplicateTask(where));
      }
    });
    const asked = withRequests(distinct, options, definition);
    const carried = options.queue === undefined ? asked : withPictures(asked, run.signal);
    const tasks = affordable(carried, reserve, (task, error) => {
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
    run.view.expect(await countLines(file));
    run.view.nameTasks(({ taskId, file: image, metadata }) => {
      const line = metadata?.['line'];
      // A hash, which says nothing to people.
      const isMade = /^[0-9a-f]{16}(?:-\d+)?$/.test(taskId);
      return image ?? (isMade && typeof line === 'number' ? reports.line(name, line) : undefined);
    });
    const left = new Departure(options.wait === false);
    const keep = keepPreviews(run, options.out);
    const economy = client === undefined || options.economy !== true ? undefined : economyOf(run, client);
    const onProgress = (event: TaskEvent): void => {
      keep(event);
      left.onEvent(event);
      run.view.onEvent(event);
      economy?.onEvent(event);
    };
    const signal = AbortSignal.any([run.signal, left.signal]);
    const results = generator.generateStream(left.count(tasks), { signal, onProgress });
    for await (const result of results) {
      if (left.took(result)) continue;
      const line = result.metadata?.['line'];
      report.add(result, typeof line === 'number' ? reports.line(name, line) : undefined);
    }
    if (left.taken > 0) run.view.note(reports.submitted(left.taken, options.out));
    if (left.heldBack > 0) run.view.note(reports.heldBack(left.heldBack));
  } finally {
    source.destroy();
    await close();
  }
  if (options.wait !== false || !report.isEmpty) run.view.note(report.summary());
  if (client !== undefined) report.spent(client.stats().spending);
  if (run.signal.aborted)
    run.view.note(options.economy === true ? reports.interruptedBatch(options.out) : reports.interrupted);
  return report.exitCode();
}

function economyOf(run: CommandRun, client: ImageClient): EconomyProgress {
  const { priceShare = 1 } = client.backend.capabilities;
  return new EconomyProgress(run.view, priceShare, () => client.stats().spending.amounts);
}

/** With `--economy` the backend is chosen here, and so is how it sends. */
async function withEconomy(options: BatchOptions): Promise<BatchOptions> {
  const { errors } = messages();
  if (options.economy !== true) {
    if (options.wait === false) throw new CommandError(errors.noWaitAlone);
    return options;
  }
  if (options.queue !== undefined) throw new CommandError(errors.queue.forWorkers('--economy'));
  const economy = await findEconomy(options.backend);
  economy.use();
  keepHeapSmall();
  return { ...options, backend: economy.name };
}

async function* withRequests(
  tasks: AsyncIterable<GenerationTask>,
  options: BatchOptions,
  definition: Pick<BackendDefinition, 'name' | 'previewOptions'>,
): AsyncGenerator<GenerationTask> {
  const overwrite = options.overwrite === true ? { overwrite: true } : {};
  for await (const task of tasks) yield { ...withRequest(task, options, definition), ...overwrite };
}

/** Reads references that are on this machine: workers may run elsewhere. A path that leads to no picture here is theirs. */
async function* withPictures(
  tasks: AsyncIterable<GenerationTask>,
  signal: AbortSignal,
): AsyncGenerator<GenerationTask> {
  for await (const task of tasks) {
    const references = await Promise.all(
      (task.references ?? []).map(async (reference) => {
        const { path, ...rest } = reference;
        const bytes = path && (await readRegularFile(path, maxPictureBytes, signal).catch(() => undefined));
        return bytes ? { ...rest, bytes } : reference;
      }),
    );
    yield references.length === 0 ? task : { ...task, references };
  }
}

/** The lines of a file, for the total; 0 = not known. */
async function countLines(file: string): Promise<number> {
  if (file === '-') return 0;
  let count = 0;
  try {
    for await (const _line of readJsonLines(createReadStream(file))) count += 1;
  } catch {
    // The reader of the tasks says what is wrong.
  }
  return count;
}

/** What makes the images: a client here, or the workers of a queue. */
async function openGenerator(
  options: BatchOptions,
  run: CommandRun,
): Promise<{
  readonly generator: Pick<ImageClient, 'generateStream'>;
  /** Absent where workers make them. */
  readonly client?: ImageClient;
  readonly definition: Pick<BackendDefinition, 'name' | 'previewOptions'>;
  /** Takes room for a task of the queue in `--max-cost`. @throws {ImageError} kind `budget`. */
  reserve?(task: GenerationTask, key: string): void;
  close(): Promise<void>;
}> {
  if (options.queue !== undefined) {
    if (options.resubmitUnknown === true) {
      throw new CommandError(messages().errors.queue.noResubmit);
    }
    const { dryRun, cache, model, workflow, checkpoint, lora, timeout, preview } = options;
    const [first] = Object.entries({
      '--dry-run': dryRun,
      '--cache': cache,
      '--no-repay': options.repay === false || undefined,
      '--model': model,
      '--workflow': workflow,
      '--checkpoint': checkpoint,
      '--lora': lora,
      '--timeout': timeout,
      '--preview': preview,
    })
      .filter(([, value]) => value !== undefined)
      .map(([flag]) => flag);
    if (first !== undefined) throw new CommandError(messages().errors.queue.forWorkers(first));
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
      const { prompt, references = [], count = 1 } = task;
      gate.reserve(key, paid, { prompt, references, size: parseSize(task.size), count, ...more });
    };
    const name = backend?.name ?? options.backend;
    return { generator: queue, definition: { name }, reserve, close: () => queue.close() };
  }
  await chooseModel(options.backend, options.model);
  useComfyUIFlags(options.backend, options);
  const { openImageClient } = await import('../run/image-clients.ts');
  const { client, definition, close } = await openImageClient(run, {
    backend: options.backend,
    outputDir: options.out,
    resubmitUnknown: options.resubmitUnknown ?? false,
    noRepay: options.repay === false,
    allowOutside: options.allowOutside ?? false,
    cost: await costSettings(options),
    planning: options.dryRun ?? false,
    ...(options.concurrency === undefined ? {} : { maxConcurrent: options.concurrency }),
    ...(options.timeout !== undefined && { timeoutMs: options.timeout * 1000 }),
  });
  try {
    requirePreviews(options, definition);
  } catch (error) {
    await close();
    throw error;
  }
  return { generator: client, client, definition, close };
}

async function openSource(file: string): Promise<ReadStream | NodeJS.ReadStream> {
  if (file === '-') return process.stdin;
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    // It is read twice, first for the number of its lines; opening a pipe would wait for its writer.
    if (!stats.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'ENOTREG' });
    const stream = createReadStream(file);
    await once(stream, 'ready');
    return stream;
  } catch (error) {
    throw new CommandError(messages().errors.batch.cannotRead(file, String((error as NodeJS.ErrnoException).code)));
  }
}
