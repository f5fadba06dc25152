import type { Store } from '@holodeck/core/stores';

import { AssetReport } from '../reports/asset-report.ts';
import { CommandError } from '../run/command-error.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { costSettings, withCostOptions } from '../options/cost-options.ts';
import type { CostOptions, CostSettings } from '../options/cost-options.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { findSession } from '../input/find-session.ts';
import { messages } from '../messages/messages.ts';
import { ResultReport } from '../reports/result-report.ts';
import { keepHeapSmall } from '../run/small-heap.ts';
import type { RegisterCommand } from './register.ts';

interface ResumeOptions extends CommonOptions, CostOptions {
  readonly out: string;
  readonly allowOutside?: boolean;
}

export const registerResume: RegisterCommand = (program, finish) => {
  const { resume: text, common } = messages().commands;
  const command = program
    .command('resume')
    .description(text.about)
    .argument('[session]', text.session)
    .option('--out <folder>', common.store, 'output')
    .option('--allow-outside', common.allowOutside);
  withCommonOptions(withCostOptions(command, text.dryRun)).action(
    async (session: string | undefined, options: ResumeOptions) =>
      finish(await runCommandBody(options, (run) => resume(session, options, run))),
  );
};

async function resume(session: string | undefined, options: ResumeOptions, run: CommandRun): Promise<ExitCode> {
  if (options.dryRun === true) return plan(session, options, run);
  const cost = await costSettings(options);
  const { openExistingStore } = await import('../run/image-clients.ts');
  const store = await openExistingStore(options.out);
  const report = new ResultReport(run);
  const assets = new AssetReport(run);
  try {
    if (session === undefined) await resumeTasks(options, run, report, cost);
    else await findSession(store, session);
    const { openHybridClient, readConfiguredBackends } = await import('../run/hybrid-clients.ts');
    const { client, close } = await openHybridClient(run, await readConfiguredBackends(run), {
      outputDir: options.out,
      ...cost,
    });
    try {
      for await (const result of client.resume(session?.normalize('NFC'), { signal: run.signal })) assets.add(result);
    } finally {
      await close();
    }
    run.view.note(await summary(store, session, report, assets));
    await noteUnknown(store, session, run);
  } finally {
    await store.close();
  }
  return Math.max(report.exitCode(), assets.exitCode()) as ExitCode;
}

async function summary(
  store: Store,
  session: string | undefined,
  tasks: ResultReport,
  assets: AssetReport,
): Promise<string> {
  const { reports } = messages();
  if (!tasks.isEmpty || !assets.isEmpty) return reports.resumed(tasks.summary(), assets.summary());
  const { openStates } = await import('@holodeck/core/stores');
  const scope = session === undefined ? {} : { scope: `session/${session.normalize('NFC')}` };
  let open = 0;
  for await (const _row of store.tasks.list({ states: openStates, ...scope })) open += 1;
  return open === 0 ? reports.nothingToResume : reports.leftOpen(open);
}

/** Says what to do about unknown submissions: asking the service again would not help. */
async function noteUnknown(store: Store, session: string | undefined, run: CommandRun): Promise<void> {
  const { reports } = messages();
  const scope = session === undefined ? {} : { scope: `session/${session.normalize('NFC')}` };
  let unknown = 0;
  for await (const _row of store.tasks.list({ states: ['unknown'], latestOnly: true, ...scope })) unknown += 1;
  if (unknown > 0) run.view.note(reports.stateAdvice(unknown, reports.states.unknown, reports.advice.unknown));
}

/** What would be fetched. Reads the store only; asks no service. */
async function plan(session: string | undefined, options: ResumeOptions, run: CommandRun): Promise<ExitCode> {
  const { openStoreForReading } = await import('../run/image-clients.ts');
  const { openStates } = await import('@holodeck/core/stores');
  const { reports } = messages();
  const store = await openStoreForReading(options.out);
  try {
    const id = session?.normalize('NFC');
    if (id !== undefined && (await store?.sessions.get(id)) === undefined) {
      throw new CommandError(messages().errors.noSession(id));
    }
    let count = 0;
    const scope = id === undefined ? {} : { scope: `session/${id}` };
    for await (const row of store?.tasks.list({ states: openStates, ...scope }) ?? []) {
      count += 1;
      const { taskId, backend, state, handle } = row;
      const job = handle === undefined ? '' : reports.remark(reports.jobOf(backend, handle.jobId));
      run.print(
        { taskId, scope: row.scope, backend, state, ...(handle === undefined ? {} : { jobId: handle.jobId }) },
        reports.labelled(`${taskId}${job}`, reports.advice[state as keyof typeof reports.advice]),
      );
    }
    if (store !== undefined) await noteUnknown(store, session, run);
    run.print({ toFinish: count, submissions: 0, estimatedCost: [] }, reports.plan.toFetch(count));
    return exitCodes.done;
  } finally {
    await store?.close();
  }
}

async function resumeTasks(
  options: ResumeOptions,
  run: CommandRun,
  report: ResultReport,
  cost: CostSettings,
): Promise<void> {
  const { openAllImageClients } = await import('../run/image-clients.ts');
  // The tasks of a batch wait here as they do in `batch --economy`.
  keepHeapSmall();
  const clients = await openAllImageClients(run, options.out, {
    cost,
    allowOutside: options.allowOutside ?? false,
  });
  const onProgress = run.view.onEvent.bind(run.view);
  try {
    for (const { client } of clients) {
      for await (const result of client.resume({ scope: 'tasks', signal: run.signal, onProgress })) report.add(result);
    }
  } finally {
    for (const { close } of clients) await close();
  }
}
