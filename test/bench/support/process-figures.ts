import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What this process needed for a piece of work; all in milliseconds. */
export interface ProcessFigures {
  /** Processor time of all threads. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** The event loop's delay; the timer that measures it takes one millisecond itself. */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
}

/** Starts a measurement of this process. The function ends it. */
export function startMeasuring(): () => ProcessFigures {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const started = performance.now();
  return () => {
    const wallMs = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    delay.disable();
    return {
      cpuMs: (user + system) / 1000,
      wallMs,
      loopP99Ms: delay.percentile(99) / 1e6,
      loopMaxMs: delay.max / 1e6,
    };
  };
}
