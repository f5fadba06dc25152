/** Runs the command lines that its parent sends, one after another, in this process. The end of each is marked on both streams. */
import { runCommandLine } from '@holodeck/cli';

import type { HostedCommand } from './command-series.ts';

process.on('message', ({ args, folder, environment, mark }: HostedCommand) => {
  process.chdir(folder);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  void runCommandLine(args).then((exitCode) => {
    process.stdout.write(mark + exitCode);
    process.stderr.write(mark + exitCode);
  });
});
process.on('disconnect', () => process.exit());
