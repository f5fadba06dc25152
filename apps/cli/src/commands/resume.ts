import { runCommandBody, withCommonOptions } from '../command-run.ts';
import type { CommandRun, CommonOptions } from '../command-run.ts';
import type { ExitCode } from '../exit-codes.ts';
import { ResultReport } from '../result-report.ts';
import type { RegisterCommand } from './register.ts';

interface ResumeOptions extends CommonOptions {
  readonly out: string;
}

export const registerResume: RegisterCommand = (program, finish) => {
  const command = program
    .command('resume')
    .description('finish what was paid for and not fetched; sends nothing new')
    .argument('[session]', 'only this session; default: everything in the folder')
    .option('--out <folder>', 'the output folder whose store is meant', 'output');
  withCommonOptions(command).action(async (session: string | undefined, options: ResumeOptions) =>
    finish(await runCommandBody(options, (run) => resume(session, options, run))),
  );
};

async function resume(session: string | undefined, options: ResumeOptions, run: CommandRun): Promise<ExitCode> {
  const { openExistingStore, openImageClientsOfStore } = await import('../image-clients.ts');
  const store = await openExistingStore(options.out);
  const report = new ResultReport(run);
  try {
    if (session === undefined) {
      const clients = await openImageClientsOfStore(run, store, options.out);
      try {
        for (const client of clients) {
          const onProgress = run.view.onEvent.bind(run.view);
          for await (const result of client.resume({ scope: 'tasks', signal: run.signal, onProgress }))
            report.add(result);
        }
      } finally {
        for (const client of clients) await client.close();
      }
    }
  } finally {
    await store.close();
  }
  run.view.note(report.summary());
  return report.exitCode();
}
