/** A service's URL and credentials. */
export interface ServiceAddress {
  readonly url: string;
  readonly credentials?: { readonly secretId: string; readonly secretKey: string } | undefined;
  readonly apiKey?: string | undefined;
}

/** The work of a contestant. */
export interface Plan {
  readonly service: ServiceAddress;
  readonly tasks: number;
  /** Tasks before the measurement, because code is compiled and connections are opened on first use. */
  readonly warmUps: number;
  /** Tasks at once. */
  readonly width: number;
  readonly size: string;
  /** True if images go to files; otherwise they stay in memory. */
  readonly files: boolean;
  /** How long the service takes for a job, in milliseconds. */
  readonly jobMs: number;
}

/** What a contestant's process measured. For tasks that hung there is only their number. */
export interface Measurement {
  /** Processor time per task, all threads, in milliseconds. */
  readonly cpuMs: number;
  /** The same of the first task of the process, which loads and compiles code. Undefined without warm-ups. */
  readonly coldCpuMs?: number;
  readonly perSecond: number;
  readonly wallMs: number;
  /** The 99th percentile of the event loop's delay, in milliseconds; the timer itself takes one. */
  readonly loopP99Ms: number;
  /** The highest resident memory during the tasks, less the memory before them. */
  readonly peakMb: number;
  /** From the call until the image is in memory or on disk. */
  readonly latenciesMs: readonly number[];
  readonly hangs: number;
}
