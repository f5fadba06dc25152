import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';

/** An error whose message is all that the user needs, with the exit code that it ends in. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.usage) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
