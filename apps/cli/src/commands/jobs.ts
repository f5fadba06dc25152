import { resolve } from 'node:path';
import { Option } from 'commander';
import type { GenerationTask, ImageRequestInput, ProviderOptions, ReferenceRole } from '@holodeck/core';
import type { DamagedTaskRow, Store, TaskFilter, TaskRow, TaskState } from '@holodeck/core/stores';

import { CommandError } from '../run/command-error.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { ageOption } from '../options/option-values.ts';
import { loadMessages } from '../messages/load-messages.ts';
import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import { cutText, padText } from '../reports/wrap-text.ts';
import { ResultReport } from '../reports/result-report.ts';
import type { RegisterCommand } from './register.ts';

interface JobsOptions extends CommonOptions {
  readonly out: string;
  readonly all?: boolean;
  readonly allowOutside?: boolean;
}

interface PruneJobsOptions extends JobsOptions {
  readonly older: number;
}

export const registerJobs: RegisterCommand = (program, finish) => {
  const { jobs: text, common } = messages().commands;
  const jobs = program.command('jobs').description(text.about);
  withCommonOptions(jobs.command('list', { isDefault: true }).description(text.list))
    .option('--out <folder>', common.store, 'output')
    .option('--all', text.all)
    .action(async (options: JobsOptions) => finish(await runCommandBody(options, (run) => list(options, run))));
  withCommonOptions(jobs.command('forget').description(text.forget).argument('<id>', text.id))
    .option('--out <folder>', common.store, 'output')
    .action(async (id: string, options: JobsOptions) =>
      finish(await runCommandBody(options, (run) => forget(id, options, run))),
    );
  withCommonOptions(jobs.command('cancel').description(text.cancel).argument('<batch>', text.batch))
    .option('--out <folder>', common.store, 'output')
    .action(async (batch: string, options: JobsOptions) =>
      finish(await runCommandBody(options, (run) => cancel(batch, options, run))),
    );
  withCommonOptions(jobs.command('prune').description(text.prune))
    .option('--out <folder>', common.store, 'output')
    .addOption(new Option('--older <age>', text.older).argParser(ageOption).default(30 * 86_400_000, '30d'))
    .action(async (options: PruneJobsOptions) => finish(await runCommandBody(options, (run) => prune(options, run))));
  withCommonOptions(jobs.command('pay-again').description(text.payAgain).argument('<id>', text.id))
    .option('--out <folder>', common.store, 'output')
    .option('--allow-outside', common.allowOutside)
    .action(async (id: string, options: JobsOptions) =>
      finish(await runCommandBody(options, (run) => payAgain(id, options, run))),
    );
};

/** What to do with a task in this state; undefined when it is done. */
function adviceFor(state: TaskState): string | undefined {
  return state === 'done' ? undefined : messages().reports.advice[state];
}

async function list(options: JobsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../run/image-clients.ts');
  const store = await openExistingStore(options.out);
  const { reports } = messages();
  const counts = new Map<TaskState, number>();
  const batches = new Map<string, { count: number; sinceMs: number }>();
  let damaged = 0;
  const onDamaged: TaskFilter['onDamaged'] = (_row, error) => {
    damaged += 1;
    run.error(render(error));
  };
  try {
    for await (const row of store.tasks.list({ latestOnly: true, onDamaged })) {
      if (row.state === 'done' && options.all !== true) continue;
      counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
      if (row.error !== undefined) await loadMessages(row.backend);
      run.print(shown(row), describeRow(row));
      const { batchId, acceptedAtMs = 0 } = row.handle ?? {};
      if (batchId === undefined || row.state !== 'accepted') continue;
      const { count = 0, sinceMs = acceptedAtMs } = batches.get(batchId) ?? {};
      batches.set(batchId, { count: count + 1, sinceMs: Math.min(sinceMs, acceptedAtMs) });
    }
  } finally {
    await store.close();
  }
  for (const [batch, { count, sinceMs }] of batches)
    run.view.note(reports.jobsOfBatch(batch, count, new Date(sinceMs).toISOString()));
  if (counts.size + damaged === 0) run.view.note(reports.noJobs);
  for (const [state, count] of counts) {
    const advice = adviceFor(state);
    if (advice !== undefined) run.view.note(reports.stateAdvice(count, reports.states[state], advice));
  }
  return damaged > 0 ? exitCodes.failed : exitCodes.done;
}

/** With the model that the provider's server has chosen; without a kept answer, which is the image itself in base64. */
function shown({ handle, ...row }: TaskRow): TaskRow {
  if (handle === undefined) return row;
  const { answer: _kept, ...rest } = handle;
  return { ...row, model: handle.model ?? row.model, handle: rest };
}

function describeRow(row: TaskRow): string {
  const { reports } = messages();
  const prompt = typeof row.request['prompt'] === 'string' ? row.request['prompt'] : '';
  const scope = row.scope === 'tasks' ? '' : `${row.scope} `;
  const parts = [
    `${padText(reports.states[row.state], 10)} ${scope}${row.taskId}`,
    new Date(row.updatedAtMs).toISOString(),
    row.handle === undefined ? row.backend : reports.jobOf(row.backend, row.handle.jobId),
    JSON.stringify(cutText(prompt, 60)),
  ];
  if (row.error !== undefined) parts.push(`${render(row.error)} [${row.error.kind}]`);
  return parts.join('  ');
}

/** The latest row of the task that an id, or an unambiguous beginning of one, names; damaged ones are found too. */
async function findRow(store: Store, id: string): Promise<TaskRow | DamagedTaskRow> {
  const rows: (TaskRow | DamagedTaskRow)[] = [];
  const onDamaged: TaskFilter['onDamaged'] = (row) => rows.push(row);
  for await (const row of store.tasks.list({ latestOnly: true, onDamaged })) {
    if (row.taskId.startsWith(id) || `${row.scope} ${row.taskId}` === id) rows.push(row);
  }
  const exact = rows.filter((row) => row.taskId === id || `${row.scope} ${row.taskId}` === id);
  // Every id begins with an empty one, such as that of a variable that is not set.
  const found = exact.length > 0 || id === '' ? exact : rows.filter((row) => row.taskId.startsWith(id));
  const names = [...new Set(found.map((row) => `"${row.scope} ${row.taskId}"`))];
  const [row] = found.toSorted((a, b) => b.updatedAtMs - a.updatedAtMs);
  if (row === undefined) throw new CommandError(messages().errors.noJob(id));
  if (names.length > 1) throw new CommandError(messages().errors.severalJobs(id, names.slice(0, 5).join(', ')));
  return row;
}

async function forget(id: string, options: JobsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../run/image-clients.ts');
  const store = await openExistingStore(options.out);
  try {
    const { scope, taskId } = await findRow(store, id);
    const count = await store.tasks.forget(scope, taskId);
    run.print({ forgotten: taskId, scope, rows: count });
    run.view.note(messages().reports.forgot(taskId, count));
  } finally {
    await store.close();
  }
  return exitCodes.done;
}

/** Cancels a batch by its id, or an unambiguous beginning of one. */
async function cancel(id: string, { out }: JobsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore, requireConfigured } = await import('../run/image-clients.ts');
  const { errors, reports } = messages();
  const store = await openExistingStore(out);
  try {
    const found = new Map<string, string>();
    for await (const { handle } of store.tasks.list({ states: ['accepted'], latestOnly: true }))
      if (id !== '' && handle?.batchId?.startsWith(id) === true) found.set(handle.batchId, handle.backend);
    const exact = found.has(id) ? [[id, found.get(id) ?? ''] as const] : [...found];
    const [first] = exact;
    if (first === undefined) throw new CommandError(errors.noBatch(id));
    if (exact.length > 1) throw new CommandError(errors.severalBatches(id, [...found.keys()].slice(0, 5).join(', ')));
    const [batchId, name] = first;
    const backend = await (await requireConfigured(name)).setup.create();
    try {
      await backend.cancelBatch?.(batchId, run.signal);
    } finally {
      await backend.close();
    }
    run.print({ cancelled: batchId, backend: name });
    run.view.note(reports.batchCancelled(batchId));
  } finally {
    await store.close();
  }
  return exitCodes.done;
}

async function prune({ out, older }: PruneJobsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../run/image-clients.ts');
  const { pruneDone } = await import('@holodeck/core/stores');
  const { recordedImages } = await import('@holodeck/hybrid');
  const store = await openExistingStore(out);
  try {
    const folder = resolve(out);
    const beforeMs = Date.now() - older;
    const rows = await pruneDone(store, { folder, beforeMs, isKeptElsewhere: recordedImages(folder) });
    run.print({ pruned: rows });
    run.view.note(messages().reports.pruned(rows));
  } finally {
    await store.close();
  }
  return exitCodes.done;
}

async function payAgain(id: string, options: JobsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore, openImageClient } = await import('../run/image-clients.ts');
  const store = await openExistingStore(options.out);
  try {
    const { errors, reports } = messages();
    const row = await findRow(store, id);
    if (!('state' in row)) throw new CommandError(errors.damagedJob(row.taskId));
    if (row.state !== 'unknown' && row.state !== 'lost') {
      throw new CommandError(
        errors.notPayable(row.taskId, reports.states[row.state], adviceFor(row.state) ?? reports.advice.nothing),
      );
    }
    if (row.scope !== 'tasks') {
      throw new CommandError(errors.sessionJob(row.taskId, row.scope));
    }
    const { client, close } = await openImageClient(run, {
      backend: row.backend,
      outputDir: options.out,
      resubmitUnknown: true,
      allowOutside: options.allowOutside ?? false,
    });
    const report = new ResultReport(run);
    try {
      const onProgress = run.view.onEvent.bind(run.view);
      report.add(await client.generate(taskOf(row), { signal: run.signal, onProgress }));
    } finally {
      await close();
    }
    return report.exitCodeOfOne();
  } finally {
    await store.close();
  }
}

/** The canonical request of a row, as `ImageClient` writes it. */
type StoredRequest = Omit<ImageRequestInput, 'references' | 'providerOptions'> & {
  readonly references?: readonly { readonly path?: string; readonly role: ReferenceRole }[];
  readonly providerOptions?: ProviderOptions;
};

/** The task that a row was made from. */
function taskOf(row: TaskRow): GenerationTask {
  const { providerOptions, references, ...request } = row.request as unknown as StoredRequest;
  const list = references ?? [];
  if (list.some((reference) => reference.path === undefined)) {
    throw new CommandError(messages().errors.referenceWasNoFile(row.taskId));
  }
  return {
    ...request,
    taskId: row.taskId,
    scope: row.scope,
    ...(row.outputPath === undefined ? {} : { outputPath: row.outputPath }),
    ...(row.metadata === undefined ? {} : { metadata: row.metadata }),
    ...(list.length === 0 ? {} : { references: list.map(({ path = '', role }) => ({ path, role })) }),
    ...(providerOptions === undefined ? {} : { providerOptions: { [row.backend]: providerOptions } }),
  };
}
