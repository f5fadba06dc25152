import type { QueueStatus } from '@holodeck/redis';

import { runCommandBody, withCommonOptions } from '../run/command-run.ts';
import type { CommandRun, CommonOptions } from '../run/command-run.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ExitCode } from '../run/exit-codes.ts';
import { messages } from '../messages/messages.ts';
import { render } from '../messages/render.ts';
import { queueUrl } from '../options/queue-option.ts';
import type { RegisterCommand } from './register.ts';

interface QueueOptions extends CommonOptions {
  readonly queue?: string;
}

export const registerQueue: RegisterCommand = (program, finish) => {
  const { queue: text } = messages().commands;
  const queue = program.command('queue').description(text.about);
  withCommonOptions(queue.command('status', { isDefault: true }).description(text.status))
    .option('--queue <url>', text.queue)
    .action(async (options: QueueOptions) => finish(await runCommandBody(options, (run) => status(options, run))));
};

async function status(options: QueueOptions, run: CommandRun): Promise<ExitCode> {
  const url = queueUrl(options.queue);
  const { listQueueStatus } = await import('@holodeck/redis');
  const queues = await listQueueStatus({ url });
  for (const one of queues) run.print(one, describe(one));
  if (queues.length === 0) run.view.note(messages().reports.queue.none);
  for (const problem of new Set(queues.flatMap(({ problems }) => problems.map(render)))) run.warn(problem);
  return exitCodes.done;
}

function describe(queue: QueueStatus): string {
  const { queue: text } = messages().reports;
  const { waiting, active, delayed, completed, failed, limit, workers, givenUp } = queue;
  const lines = [
    `${queue.backend ?? text.unknownBackend} ${queue.label ?? queue.lane}`,
    `  ${text.counts(waiting, active, limit, delayed, completed, failed)}`,
    ...workers.map((one) => `  ${text.worker(one.worker, one.active, one.completed, one.failed, one.refusals)}`),
  ];
  if (workers.length === 0) lines.push(`  ${text.noWorker}`);
  if (givenUp.length > 0) lines.push(`  ${text.givenUp(givenUp.join(', '))}`);
  return lines.join('\n');
}
