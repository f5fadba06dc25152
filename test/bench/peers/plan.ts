/** Where a service is, and what it wants to see. */
export interface ServiceAddress {
  readonly url: string;
  readonly credentials?: { readonly secretId: string; readonly secretKey: string } | undefined;
  readonly apiKey?: string | undefined;
}

/** What a contestant is to do. */
export interface Plan {
  readonly service: ServiceAddress;
  readonly tasks: number;
  /** Tasks before the measurement, for code that is compiled and connections that are opened at first use. */
  readonly warmUps: number;
  /** Tasks at once. */
  readonly width: number;
  readonly size: string;
  /** Whether images go to files; else they stay in memory. */
  readonly files: boolean;
  /** How long the service works on a job, in milliseconds. */
  readonly jobMs: number;
}

/** What a contestant's process measured. Of tasks that hung, only their number is told. */
export interface Measurement {
  /** Processor time per task, all threads, in milliseconds. */
  readonly cpuMs: number;
  readonly perSecond: number;
  readonly wallMs: number;
  /** The highest resident memory during the tasks, less the memory before them. */
  readonly peakMb: number;
  /** From the call until the image is in hand or on disk. */
  readonly latenciesMs: readonly number[];
  readonly hangs: number;
}
