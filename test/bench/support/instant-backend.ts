import { paintPng } from '@holodeck/emulators';
import type {
  BackendCapabilities,
  BackendResult,
  ImageBackend,
  ImageRequest,
  JobContext,
  JobHandle,
  ProbeReport,
} from '@holodeck/core';

const png = paintPng({ width: 64, height: 64, prompt: 'an instant', seed: 1 });

/** A provider in this process that takes no time, so that what remains is the driver's own. */
export class InstantBackend implements ImageBackend {
  readonly name = 'instant';
  readonly model = 'instant-1';
  readonly fingerprint = 'instant instant-1';
  readonly lanes = [{ id: 'instant/one', label: 'one', defaultMaxConcurrent: 8 }];
  readonly capabilities: BackendCapabilities = {
    size: { minSide: 64, maxSide: 64 },
    maxPromptLength: 100,
    maxCount: 1,
    style: false,
    transparentBackground: false,
    formats: ['png'],
    progress: 'none',
    locatable: false,
    cancellable: false,
    billable: false,
    limitSignal: 'none',
  };

  async probe(): Promise<ProbeReport> {
    const { name: backend, model } = this;
    return {
      backend,
      model,
      status: 'ready',
      message: 'ready',
      proves: [],
      doesNotProve: [],
      checkedAtMs: 0,
      durationMs: 0,
    };
  }

  async submit(_request: ImageRequest, { key, lane }: JobContext): Promise<JobHandle> {
    return {
      version: 1,
      backend: this.name,
      lane: lane.id,
      credential: '0',
      jobId: key,
      key,
      acceptedAtMs: Date.now(),
    };
  }

  async collect(_handle: JobHandle, context: JobContext): Promise<BackendResult> {
    context.onEnded?.();
    const sink = await context.openImage(0);
    await sink.write(png);
    await sink.close();
    return { images: [{ index: 0 }] };
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
