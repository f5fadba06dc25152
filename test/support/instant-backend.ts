import { paintPng } from '@holodeck/emulators';
import type { ImageBackend, ProbeReport } from '@holodeck/core';
import type {
  BackendCapabilities,
  BackendResult,
  ImageRequest,
  JobContext,
  JobHandle,
  Lane,
} from '@holodeck/core/backend';

/**
 * A provider in this process that accepts every job, ends it in the next turn and delivers a small whole PNG, so that only the driver and
 * its store are measured. It is billable, so that records are as durable as for a paid service.
 */
export class InstantBackend implements ImageBackend {
  readonly name = 'instant';
  readonly model = 'instant-1';
  readonly fingerprint = 'instant instant-1';
  readonly lanes: readonly Lane[] = [{ id: 'instant/lane', label: 'instant', defaultMaxConcurrent: 8 }];
  readonly capabilities: BackendCapabilities = {
    size: { minSide: 64, maxSide: 64 },
    maxPromptLength: 100,
    maxCount: 1,
    seed: { min: 1, max: 1_000_000 },
    style: false,
    transparentBackground: false,
    formats: [],
    progress: 'poll',
    locatable: false,
    cancellable: false,
    billable: true,
    limitSignal: 'none',
  };
  readonly #png = paintPng({ width: 64, height: 64, prompt: 'a lamp', seed: 1 });

  async probe(): Promise<ProbeReport> {
    const answer = { status: 'ready', message: 'It is in this process.', proves: [], doesNotProve: [] } as const;
    return { ...answer, backend: this.name, model: this.model, checkedAtMs: Date.now(), durationMs: 0 };
  }

  async submit(_request: ImageRequest, { key, lane, beforeSend }: JobContext): Promise<JobHandle> {
    await nextTurn();
    await beforeSend?.();
    return {
      version: 1,
      backend: this.name,
      lane: lane.id,
      credential: 'none',
      jobId: key,
      key,
      acceptedAtMs: Date.now(),
      data: {},
    };
  }

  async collect(_handle: JobHandle, context: JobContext): Promise<BackendResult> {
    await nextTurn();
    context.onEnded?.();
    const sink = await context.openImage(0);
    await sink.write(this.#png);
    await sink.close();
    return { images: [{ index: 0 }] };
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
