import type { QueueStatus } from '@holodeck/redis';

import { runCommandBody, withCommonOptions } from '../command-run.ts';
import type { CommandRun, CommonOptions } from '../command-run.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { queueUrl } from '../queue-option.ts';
import type { RegisterCommand } from './register.ts';

interface QueueOptions extends CommonOptions {
  readonly queue?: string;
}

export const registerQueue: RegisterCommand = (program, finish) => {
  const queue = program.command('queue').description('the queue that several machines share');
  withCommonOptions(
    queue.command('status', { isDefault: true }).description('what waits and runs, and who works (the default)'),
  )
    .option('--queue <url>', 'redis://[user:password@]host[:port][/database]; default: HOLODECK_STORE')
    .action(async (options: QueueOptions) => finish(await runCommandBody(options, (run) => status(options, run))));
};

async function status(options: QueueOptions, run: CommandRun): Promise<ExitCode> {
  const url = queueUrl(options.queue);
  const { listQueueStatus } = await import('@holodeck/redis');
  const queues = await listQueueStatus({ url });
  for (const one of queues) run.print(one, describe(one));
  if (queues.length === 0) run.view.note('No queue was ever opened here. "worker --queue <url>" opens one.');
  for (const problem of new Set(queues.flatMap(({ problems }) => problems))) run.view.note(`warning: ${problem}`);
  return exitCodes.done;
}

function describe(queue: QueueStatus): string {
  const { waiting, active, delayed, completed, failed, limit, workers } = queue;
  const lines = [
    `${queue.backend ?? 'unknown backend'} ${queue.label ?? queue.lane}`,
    `  ${waiting} waiting, ${active} running${limit === undefined ? '' : ` of at most ${limit}`}, ${delayed} put back, ${completed} done, ${failed} failed`,
    ...workers.map(
      (one) =>
        `  worker ${one.worker}: ${one.active} running, ${one.completed} done, ${one.failed} failed, ${one.refusals} refusals`,
    ),
  ];
  return [...lines, ...(workers.length === 0 ? ['  no worker'] : [])].join('\n');
}
