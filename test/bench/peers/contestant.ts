import type { ServiceAddress } from './plan.ts';

/** One way to get an image from a service. */
export interface Contestant {
  /**
   * Makes one image and resolves with its size in bytes. With `file`, the image has been written there, whole; without, its
   * bytes are in memory.
   */
  run(prompt: string, index: number, file: string | undefined): Promise<number>;
  close(): Promise<void>;
}

/** Where a contestant works. */
export interface ContestantSettings extends ServiceAddress {
  /** Where images and, for ours, the store are. Absent: images stay in memory. */
  readonly folder?: string | undefined;
  /** Jobs at once. */
  readonly width: number;
  readonly size: string;
}
