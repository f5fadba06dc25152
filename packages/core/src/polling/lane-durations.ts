import type { Logger } from '../contract/index.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import { JobDurations } from './job-durations.ts';
import type { DurationEstimate } from './job-durations.ts';

/** What the durations of a lane need. */
export interface LaneDurationsOptions {
  readonly lane: string;
  readonly permits: PermitStore;
  readonly logger: Logger;
}

/** How long the jobs of a lane take, by kind. The permit store keeps it for later runs. */
export class LaneDurations {
  readonly #options: LaneDurationsOptions;
  readonly #durations = new JobDurations();
  readonly #toKeep = new Set<string>();
  #recalled: Promise<void> | undefined;
  #keeping: Promise<void> | undefined;

  constructor(options: LaneDurationsOptions) {
    this.#options = options;
  }

  /** Loads what earlier runs have measured. Never rejects: without it, this run measures for itself. */
  recall(): Promise<void> {
    this.#recalled ??= this.#recall();
    return this.#recalled;
  }

  estimate(key: string): DurationEstimate | undefined {
    return this.#durations.estimate(key);
  }

  /** Records how long a job took. `atFirstLook`: it had ended at the first poll, so it took at most that long. */
  record(key: string, durationMs: number, atFirstLook: boolean): void {
    if (atFirstLook) this.#durations.recordFirstLook(key, durationMs);
    else this.#durations.record(key, durationMs);
    this.#toKeep.add(key);
    this.#keeping ??= this.#keep().finally(() => (this.#keeping = undefined));
  }

  /** Resolves when all measurements are stored. */
  async settled(): Promise<void> {
    await this.#keeping;
  }

  async #recall(): Promise<void> {
    const { permits, lane } = this.#options;
    try {
      for (const record of await permits.recallDurations(lane)) this.#durations.recall(record);
    } catch (error) {
      this.#warn(error);
    }
  }

  async #keep(): Promise<void> {
    const { permits, lane } = this.#options;
    for (const key of this.#toKeep) {
      this.#toKeep.delete(key);
      const record = this.#durations.measures(key);
      if (record === undefined) continue;
      await permits.keepDurations(lane, record).catch((error: unknown) => this.#warn(error));
    }
  }

  #warn(error: unknown): void {
    const { lane, logger } = this.#options;
    logger.warn({ lane, error: String(error) }, 'the durations of earlier jobs could not be read or kept');
  }
}

/** What the duration of a job depends on within a lane. */
export function jobKind(model: string, size: { readonly width: number; readonly height: number } | undefined): string {
  return size === undefined ? model : `${model} ${size.width}x${size.height}`;
}
