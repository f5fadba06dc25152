import { withBackendOption } from '../options/backend-options.ts';
import { integerOption, repeatedOption } from '../options/option-values.ts';
import { messages } from '../messages/messages.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import type { RegisterCommand } from './register.ts';

interface ServeOptions extends CommonOptions {
  readonly backend: string;
  readonly out: string;
  readonly host: string;
  readonly port: number;
  readonly keys?: string;
  readonly cors?: readonly string[];
}

export const registerServe: RegisterCommand = (program, finish) => {
  const { serve: text } = messages().commands;
  const command = program
    .command('serve')
    .description(text.about)
    .option('--out <folder>', text.out, 'output')
    .option('--host <address>', text.host, '127.0.0.1')
    .option('--port <n>', text.port, integerOption(0, 65_535), 8787)
    .option('--keys <file>', text.keys)
    .option('--cors <origin>', text.cors, repeatedOption);
  withCommonOptions(withBackendOption(command)).action(async (options: ServeOptions) =>
    finish(await runCommandBody(options, (run) => serve(options, run))),
  );
};

async function serve(options: ServeOptions, run: CommandRun): Promise<ExitCode> {
  const { startGateway } = await import('@holodeck/gateway');
  const { openServiceParts } = await import('../run/service-parts.ts');
  const parts = await openServiceParts(run, options.backend);
  try {
    const gateway = await startGateway({
      ...parts.options,
      outputDir: options.out,
      host: options.host,
      port: options.port,
      ...(options.keys === undefined ? {} : { keysFile: options.keys }),
      ...(options.cors === undefined ? {} : { cors: options.cors }),
    });
    const { url } = gateway;
    run.print({ url, openapi: `${url}/openapi.json` }, messages().reports.serving(url));
    await new Promise<void>((stop) => {
      run.signal.addEventListener('abort', () => stop(), { once: true });
      if (run.signal.aborted) stop();
    });
    await gateway.close();
    return exitCodes.done;
  } finally {
    await parts.close();
  }
}
