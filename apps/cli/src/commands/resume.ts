import { AssetReport } from '../asset-report.ts';
import { CommandError } from '../command-error.ts';
import { runCommandBody, withCommonOptions } from '../command-run.ts';
import type { CommandRun, CommonOptions } from '../command-run.ts';
import type { ExitCode } from '../exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { ResultReport } from '../result-report.ts';
import type { RegisterCommand } from './register.ts';

interface ResumeOptions extends CommonOptions {
  readonly out: string;
}

export const registerResume: RegisterCommand = (program, finish) => {
  const { resume: text, common } = messages().commands;
  const command = program
    .command('resume')
    .description(text.about)
    .argument('[session]', text.session)
    .option('--out <folder>', common.store, 'output');
  withCommonOptions(command).action(async (session: string | undefined, options: ResumeOptions) =>
    finish(await runCommandBody(options, (run) => resume(session, options, run))),
  );
};

async function resume(session: string | undefined, options: ResumeOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore } = await import('../image-clients.ts');
  const store = await openExistingStore(options.out);
  const report = new ResultReport(run);
  const assets = new AssetReport(run);
  try {
    if (session === undefined) await resumeTasks(options, run, report);
    else if ((await store.sessions.get(session.normalize('NFC'))) === undefined) {
      throw new CommandError(messages().errors.noSession(session));
    }
    const { openHybridClient, readConfiguredBackends } = await import('../hybrid-clients.ts');
    const { client, close } = await openHybridClient(run, await readConfiguredBackends(), { outputDir: options.out });
    try {
      for await (const result of client.resume(session?.normalize('NFC'), { signal: run.signal })) assets.add(result);
    } finally {
      await close();
    }
  } finally {
    await store.close();
  }
  run.view.note(messages().reports.resumed(report.summary(), assets.summary()));
  return Math.max(report.exitCode(), assets.exitCode()) as ExitCode;
}

async function resumeTasks(options: ResumeOptions, run: CommandRun, report: ResultReport): Promise<void> {
  const { openAllImageClients } = await import('../image-clients.ts');
  const clients = await openAllImageClients(run, options.out);
  const onProgress = run.view.onEvent.bind(run.view);
  try {
    for (const { client } of clients) {
      for await (const result of client.resume({ scope: 'tasks', signal: run.signal, onProgress })) report.add(result);
    }
  } finally {
    for (const { close } of clients) await close();
  }
}
