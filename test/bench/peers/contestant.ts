import type { ServiceAddress } from './plan.ts';

/** One way to get an image from a service. */
export interface Contestant {
  /**
   * Makes one image and resolves with its size in bytes. With `file`, the whole image is in that file; without, it is in
   * memory.
   */
  run(prompt: string, index: number, file: string | undefined): Promise<number>;
  close(): Promise<void>;
}

/** What a contestant gets. */
export interface ContestantSettings extends ServiceAddress {
  /** The folder for images and, for ours, the store. Absent: images stay in memory. */
  readonly folder?: string | undefined;
  /** Jobs at once. */
  readonly width: number;
  readonly size: string;
  /** Whether a loop around an SDK syncs its files; ours always does. */
  readonly sync: boolean;
}
