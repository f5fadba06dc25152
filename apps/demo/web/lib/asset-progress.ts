import type { StoryEvent, Texts } from '../../src/shared/session-view.ts';

/** The progress of an image. */
export interface AssetProgress {
  /** A key of `asset.phases`. */
  readonly phase: string;
  /** 0 to 1, if the service reports it. */
  readonly fraction?: number;
  readonly previewUrl?: string;
  /** Why it waits. */
  readonly reason?: Texts;
}

/** The images that are being made, by id, from the story. */
export function progressOf(story: readonly StoryEvent[]): ReadonlyMap<string, AssetProgress> {
  const progress = new Map<string, AssetProgress>();
  for (const { type, data } of story) {
    const { assetId } = data;
    if (type === 'restart' || type === 'release') progress.clear();
    if (assetId === undefined) continue;
    const before = progress.get(assetId);
    if (type === 'asset' || type === 'failure' || type === 'superseded') progress.delete(assetId);
    else if (type === 'preview' && data.url !== undefined) {
      // A service that sends previews is drawing, whatever it reported before.
      progress.set(assetId, { ...before, phase: 'running', previewUrl: data.url });
    } else if (type === 'progress') {
      const next = phaseAfter(data.state, before);
      if (next === undefined) progress.delete(assetId);
      else {
        progress.set(assetId, {
          ...(before?.previewUrl === undefined || data.state === 'queued' ? {} : { previewUrl: before.previewUrl }),
          ...(data.fraction === undefined ? {} : { fraction: data.fraction }),
          ...(data.reason === undefined ? {} : { reason: data.reason }),
          phase: next,
        });
      }
    }
  }
  return progress;
}

const over = new Set(['rejected', 'failed', 'lost', 'cancelled', 'unknown']);

function phaseAfter(state: string | undefined, before: AssetProgress | undefined): string | undefined {
  if (state === undefined || over.has(state)) return undefined;
  // The image is saved, and its `asset` line follows.
  if (state === 'done') return 'received';
  // The service's own queue comes after acceptance.
  if (state === 'queued' && before !== undefined && before.phase !== 'queued') return 'accepted';
  return state;
}
