import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '@holodeck/core';
import type { ImageBackend } from '@holodeck/core';
import type { ImageRequest, JobContext, JobHandle } from '@holodeck/core/backend';

/** Gives up a job after so many broken collections in a row. */
const maxFailures = 3;

const signal = new AbortController().signal;

/** Jobs without a driver, as people write them: submit, poll at equal intervals, download. */
export class BareJobs {
  readonly #backend: ImageBackend;
  readonly #pollMs: number;

  constructor(backend: ImageBackend, pollMs: number) {
    this.#backend = backend;
    this.#pollMs = pollMs;
  }

  /** Undefined if the service has no free slot. */
  async submit(prompt: string): Promise<JobHandle | undefined> {
    const request: ImageRequest = {
      prompt,
      size: { width: 1024, height: 1024 },
      references: [],
      count: 1,
      providerOptions: {},
    };
    try {
      return await this.#backend.submit(request, this.#context(randomUUID()));
    } catch (error) {
      if (ImageError.isInstance(error) && error.outcome === 'rejected' && error.retryable) return undefined;
      throw error;
    }
  }

  /** Resolves when the image is there; repeats what the network breaks. */
  async collect(handle: JobHandle): Promise<void> {
    const nextPoll = (): Promise<void> => sleep(this.#pollMs);
    for (let failures = 0; ; failures += 1) {
      try {
        await this.#backend.collect(handle, { ...this.#context(handle.key), nextPoll });
        return;
      } catch (error) {
        if (!ImageError.isInstance(error) || error.outcome !== 'accepted' || failures === maxFailures) throw error;
      }
    }
  }

  #context(key: string): JobContext {
    const chunks: Uint8Array[] = [];
    return {
      key,
      lane: this.#backend.lanes[0] as JobContext['lane'],
      signal,
      openImage: async () => ({
        write: async (chunk) => void chunks.push(Buffer.from(chunk)),
        close: async () => undefined,
        abort: async () => undefined,
      }),
    };
  }
}
