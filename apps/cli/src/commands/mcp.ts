import type { MaxCost } from '@holodeck/core';

import { withBackendOption } from '../options/backend-options.ts';
import { maxCostOption } from '../options/cost-options.ts';
import { messages } from '../messages/messages.ts';
import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import type { RegisterCommand } from './register.ts';

interface McpOptions extends CommonOptions {
  readonly backend: string;
  readonly out: string;
  readonly maxCost?: MaxCost;
}

export const registerMcp: RegisterCommand = (program, finish) => {
  const { mcp: text } = messages().commands;
  const command = program
    .command('mcp')
    .description(text.about)
    .option('--out <folder>', text.out, 'output')
    .option('--max-cost <amount>', text.maxCost, maxCostOption);
  withCommonOptions(withBackendOption(command)).action(async (options: McpOptions) =>
    finish(await runCommandBody(options, (run) => serve(options, run))),
  );
};

/** stdout belongs to the protocol: nothing is printed there. */
async function serve(options: McpOptions, run: CommandRun): Promise<ExitCode> {
  const { serveMcp } = await import('@holodeck/gateway/mcp');
  const { openServiceParts } = await import('../run/service-parts.ts');
  const parts = await openServiceParts(run, options.backend);
  try {
    const { previewOptions: _previews, ...service } = parts.options;
    const server = await serveMcp({
      ...service,
      outputDir: options.out,
      free: parts.local,
      ...(options.maxCost === undefined ? {} : { maxCost: options.maxCost }),
    });
    await new Promise<void>((stop) => {
      run.signal.addEventListener('abort', () => stop(), { once: true });
      // The client has gone.
      process.stdin.once('end', () => stop());
      if (run.signal.aborted) stop();
    });
    await server.close();
    return exitCodes.done;
  } finally {
    await parts.close();
  }
}
