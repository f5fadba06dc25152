import { ImageError } from '@holodeck/core';
import { ImageWatch } from '@holodeck/core/backend';
import type { ImageSink } from '@holodeck/core/backend';
import { say } from '../openai-messages.ts';
import type { AnswerHandler } from './answer-decoder.ts';

interface Picture {
  readonly index: number;
  readonly watch: ImageWatch;
  sink: ImageSink | undefined;
  whole: boolean;
}

type Step =
  | { readonly do: 'open' | 'close' | 'drop'; readonly slot: number }
  | { readonly do: 'write'; readonly slot: number; readonly bytes: Buffer };

/** Writes the pictures of an answer into their sinks. The decoder is synchronous; `drain` does the waiting. */
export class ImageWriter implements AnswerHandler {
  readonly #openImage: (index: number) => Promise<ImageSink>;
  readonly #most: number;
  #wanted = 0;
  readonly #pictures = new Map<number, Picture>();
  #steps: Step[] = [];

  /** @param most How many pictures are wanted; the bytes of others are not kept. */
  constructor(openImage: (index: number) => Promise<ImageSink>, most: number) {
    this.#openImage = openImage;
    this.#most = most;
  }

  imageStart({ slot, index, preview }: { slot: number; index: number; preview: boolean | undefined }): boolean {
    if (preview === true || this.#wanted === this.#most) return false;
    this.#wanted += 1;
    this.#pictures.set(slot, { index, watch: new ImageWatch(), sink: undefined, whole: false });
    this.#steps.push({ do: 'open', slot });
    return true;
  }

  imageData(slot: number, bytes: Buffer): void {
    this.#steps.push({ do: 'write', slot, bytes });
  }

  imageEnd(slot: number): void {
    if (this.#pictures.has(slot)) this.#steps.push({ do: 'close', slot });
  }

  preview(slot: number): void {
    if (!this.#pictures.has(slot)) return;
    this.#wanted -= 1;
    this.#steps.push({ do: 'drop', slot });
  }

  /** Does what the decoder has found since the last call, in order. */
  async drain(): Promise<void> {
    const steps = this.#steps;
    this.#steps = [];
    for (const step of steps) await this.#take(step);
  }

  /** Whether the picture of that slot is written and is a whole image by its own bytes; its sink's index. */
  whole(slot: number): number | undefined {
    const picture = this.#pictures.get(slot);
    return picture?.whole === true ? picture.index : undefined;
  }

  /** Removes the pictures that are not kept: all, or all but these slots. */
  async discard(keep: ReadonlySet<number> = new Set()): Promise<void> {
    const kept = new Set([...keep].map((slot) => this.#pictures.get(slot)?.index));
    for (const [slot, { sink, index }] of this.#pictures) {
      // A sink that was opened again belongs to the picture that is kept.
      if (!keep.has(slot) && !kept.has(index)) await sink?.abort().catch(() => undefined);
    }
  }

  async #take(step: Step): Promise<void> {
    const picture = this.#pictures.get(step.slot);
    if (picture === undefined) return;
    try {
      if (step.do === 'open') picture.sink = await this.#openImage(picture.index);
      else if (step.do === 'write') {
        // A sink that looks at the bytes itself spares a second look.
        if (picture.sink?.inspect === undefined) picture.watch.write(step.bytes);
        await picture.sink?.write(step.bytes);
      } else if (step.do === 'drop') {
        await picture.sink?.abort();
        this.#pictures.delete(step.slot);
      } else {
        const { sink, watch } = picture;
        picture.whole = (sink?.inspect === undefined ? watch.info : sink.inspect())?.complete === true;
        await (picture.whole ? picture.sink?.close() : picture.sink?.abort());
      }
    } catch (error) {
      throw sinkError(error);
    }
  }
}

/** The answer is still there: once the sink works again, it can be collected again. */
export function sinkError(error: unknown): ImageError {
  if (ImageError.isInstance(error)) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ImageError({
    kind: 'storage',
    outcome: 'accepted',
    backend: 'openai',
    retryable: true,
    ...say('image-unwritten', { reason: detail }),
    cause: error,
  });
}
