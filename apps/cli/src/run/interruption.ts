import { messages } from '../messages/messages.ts';

/** What Ctrl-C and SIGTERM do to a command. */
export interface Interruption {
  /** Aborted by the first signal: submissions in flight are still awaited, nothing new starts. */
  readonly signal: AbortSignal;
  /** Stops listening, unless a signal has come: then a further one exits. */
  dispose(): void;
}

/** pnpm and other launchers forward a Ctrl-C that the terminal has already sent to the child: one key press, two signals. */
const doubleSignalMs = 200;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Listens for Ctrl-C, SIGTERM and SIGHUP. The first one aborts the signal so that the command drains; the second ends the
 * process at once, as Ctrl-C ends a process that does not listen: a shell sees 130. Either way, accepted jobs are in the store
 * and can be resumed.
 */
export function listenForInterruption(say: (message: string) => void): Interruption {
  const controller = new AbortController();
  let firstAtMs = 0;
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAtMs >= doubleSignalMs) endAtOnce();
      return;
    }
    firstAtMs = performance.now();
    say(messages().reports.stopping);
    // `drain`: OpenAI draws within the submission, and charges for the image even if no client waits for it.
    controller.abort(Object.assign(new DOMException('Interrupted by a signal.', 'AbortError'), { drain: true }));
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      // After the first signal the process is about to end, and the second must still be heard.
      if (controller.signal.aborted) return;
      for (const name of signals) process.off(name, onSignal);
    },
  };
}

/** Not `process.exit`: that waits for threads which read a file, and a read of a dead network folder never ends. */
function endAtOnce(): void {
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}
