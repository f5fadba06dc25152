/** What the exit code says. The same for every command. */
export const exitCodes = {
  /** All done. */
  done: 0,
  /** Some failed, or were not accepted. */
  failed: 1,
  /** A mistake in the command, the input or the configuration; nothing was sent. */
  usage: 2,
  /** No backend is configured or available; nothing was sent. */
  noBackend: 3,
  /** Stopped by Ctrl-C or SIGTERM; what was paid for can be resumed. */
  interrupted: 130,
} as const;

/** One of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
