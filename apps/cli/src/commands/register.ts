import type { Command } from 'commander';

import type { ExitCode } from '../run/exit-codes.ts';

/** Adds one command to the program; `finish` receives its exit code. */
export type RegisterCommand = (program: Command, finish: (exitCode: ExitCode) => void) => void;
