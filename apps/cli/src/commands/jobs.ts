import type {
  GenerationTask,
  ImageRequestInput,
  ProviderOptions,
  ReferenceRole,
  Store,
  TaskRow,
  TaskState,
} from '@holodeck/core';

import { CommandError } from '../command-error.ts';
import { runCommandBody, withCommonOptions } from '../command-run.ts';
import type { CommandRun, CommonOptions } from '../command-run.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { ResultReport } from '../result-report.ts';
import type { RegisterCommand } from './register.ts';

interface JobsOptions extends CommonOptions {
  readonly out: string;
  readonly all?: boolean;
}

const outHelp = 'the output folder whose store is meant';

export const registerJobs: RegisterCommand = (program, finish) => {
  const jobs = program
    .command('jobs')
    .description('what is not done: open and unknown submissions, failures; and what to do');
  withCommonOptions(jobs.command('list', { isDefault: true }).description('list them (the default)'))
    .option('--out <folder>', outHelp, 'output')
    .option('--all', 'what is done, too')
    .action(async (options: JobsOptions) => finish(await runCommandBody(options, (run) => list(options, run))));
  withCommonOptions(jobs.command('forget').description('remove a job from the list; the images stay').argument('<id>'))
    .option('--out <folder>', outHelp, 'output')
    .action(async (id: string, options: JobsOptions) =>
      finish(await runCommandBody(options, (run) => forget(id, options, run))),
    );
  withCommonOptions(
    jobs.command('pay-again').description('send an unknown or lost job again; it may pay twice').argument('<id>'),
  )
    .option('--out <folder>', outHelp, 'output')
    .action(async (id: string, options: JobsOptions) =>
      finish(await runCommandBody(options, (run) => payAgain(id, options, run))),
    );
};

const adviceOf: Readonly<Record<TaskState, string | undefined>> = {
  submitting: 'a process is sending it, or died while it did; "resume" settles it',
  accepted: 'paid for and running; "resume" fetches it',
  ended: 'paid for and ready; "resume" fetches it',
  received: 'downloaded; "resume" finishes it',
  done: undefined,
  rejected: 'the service refused it; nothing was paid. The same command tries again',
  failed: 'the service could not make it. The same command tries again',
  lost: 'paid for and not to be had. "jobs pay-again <id>" makes it anew',
  cancelled: 'stopped at the service. The same command makes it anew',
  unknown:
    'it may have arrived and been paid. Look at the service\'s console; then "jobs pay-again <id>" or "jobs forget <id>"',
};

async function list(options: JobsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../image-clients.ts');
  const store = await openExistingStore(options.out);
  const counts = new Map<TaskState, number>();
  try {
    for await (const row of store.tasks.list({ latestOnly: true })) {
      if (row.state === 'done' && options.all !== true) continue;
      counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
      run.print(row, describeRow(row));
    }
  } finally {
    await store.close();
  }
  if (counts.size === 0) run.view.note('No jobs are open, unknown or failed.');
  for (const [state, count] of counts) {
    const advice = adviceOf[state];
    if (advice !== undefined) run.view.note(`${count} ${state}: ${advice}.`);
  }
  return exitCodes.done;
}

function describeRow(row: TaskRow): string {
  const prompt = typeof row.request['prompt'] === 'string' ? row.request['prompt'] : '';
  const scope = row.scope === 'tasks' ? '' : `${row.scope} `;
  const parts = [
    `${row.state.padEnd(10)} ${scope}${row.taskId}`,
    new Date(row.updatedAtMs).toISOString(),
    `${row.backend}${row.handle === undefined ? '' : ` job ${row.handle.jobId}`}`,
    JSON.stringify(Array.from(prompt).slice(0, 40).join('')),
  ];
  if (row.error !== undefined) parts.push(`${row.error.message} [${row.error.kind}]`);
  return parts.join('  ');
}

/** The latest row of the task that an id, or an unambiguous beginning of one, names. */
async function findRow(store: Store, id: string): Promise<TaskRow> {
  const exact: TaskRow[] = [];
  const begun: TaskRow[] = [];
  for await (const row of store.tasks.list({ latestOnly: true })) {
    if (row.taskId === id || `${row.scope} ${row.taskId}` === id) exact.push(row);
    else if (row.taskId.startsWith(id)) begun.push(row);
  }
  const found = exact.length > 0 ? exact : begun;
  const names = [...new Set(found.map((row) => `"${row.scope} ${row.taskId}"`))];
  const [row] = found.toSorted((a, b) => b.updatedAtMs - a.updatedAtMs);
  if (row === undefined) throw new CommandError(`No job here is called ${id}. "jobs list --all" shows all of them.`);
  if (names.length > 1)
    throw new CommandError(`${id} may be any of ${names.slice(0, 5).join(', ')}. Write one of them in full.`);
  return row;
}

async function forget(id: string, options: JobsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../image-clients.ts');
  const store = await openExistingStore(options.out);
  try {
    const { scope, taskId } = await findRow(store, id);
    const count = await store.tasks.forget(scope, taskId);
    run.print({ forgotten: taskId, scope, rows: count });
    run.view.note(`Forgot ${taskId} (${count} ${count === 1 ? 'submission' : 'submissions'}).`);
  } finally {
    await store.close();
  }
  return exitCodes.done;
}

async function payAgain(id: string, options: JobsOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore, openImageClient } = await import('../image-clients.ts');
  const store = await openExistingStore(options.out);
  try {
    const row = await findRow(store, id);
    if (row.state !== 'unknown' && row.state !== 'lost') {
      throw new CommandError(
        `${row.taskId} is ${row.state}, not unknown or lost: ${adviceOf[row.state] ?? 'there is nothing to pay'}.`,
      );
    }
    if (row.scope !== 'tasks') {
      throw new CommandError(
        `${row.taskId} belongs to ${row.scope}: run the same "scene" command with --resubmit-unknown, so that its lock and manifest follow.`,
      );
    }
    const { client, close } = await openImageClient(run, {
      backend: row.backend,
      outputDir: options.out,
      resubmitUnknown: true,
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
    throw new CommandError(
      `${row.taskId} had a reference picture that was not a file; it has to be sent by the program that had it.`,
    );
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
