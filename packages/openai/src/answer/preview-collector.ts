import { inspectImage } from '@holodeck/core/backend';
import type { ProgressEvent } from '@holodeck/core';
import type { AnswerHandler } from './answer-decoder.ts';

/** A preview above this size is not worth its memory. */
const maxPreviewBytes = 32 * 2 ** 20;

/** Passes on the previews of an event stream as they come; the spool keeps the finished images. */
export class PreviewCollector implements AnswerHandler {
  readonly #onProgress: ((event: ProgressEvent) => void) | undefined;
  #slot = -1;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(onProgress: ((event: ProgressEvent) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  imageStart(picture: { readonly slot: number; readonly preview: boolean | undefined }): boolean {
    if (this.#onProgress === undefined || picture.preview === false) return false;
    this.#slot = picture.slot;
    this.#chunks = [];
    this.#bytes = 0;
    return true;
  }

  imageData(slot: number, bytes: Buffer): void {
    if (slot !== this.#slot) return;
    this.#bytes += bytes.length;
    if (this.#bytes <= maxPreviewBytes) this.#chunks.push(Buffer.from(bytes));
  }

  imageEnd(): void {
    // The rest of its event says whether it was a preview.
  }

  preview(slot: number): void {
    if (slot !== this.#slot || this.#bytes > maxPreviewBytes) return;
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    const mediaType = inspectImage(bytes)?.mediaType;
    if (mediaType !== undefined) this.#onProgress?.({ type: 'preview', bytes, mediaType });
  }
}
