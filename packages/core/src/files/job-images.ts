import { renameSync } from 'node:fs';
import type { ImageSink, ImageSize } from '../contract/index.ts';
import { viewOf } from '../images/byte-parser.ts';
import { ImageInspector } from '../images/image-inspector.ts';
import type { InspectedImage } from '../images/image-inspector.ts';
import { isOversized } from '../images/picture-bounds.ts';
import { createPngPixels } from '../images/png-pixels.ts';
import type { PngPixels } from '../images/png-pixels.ts';
import { storageError } from '../tasks/as-image-error.ts';
import { temporaryPath } from './output-target.ts';
import { StagedFile } from './staged-file.ts';
import type { OutputTarget } from './output-target.ts';
import { say } from './file-messages.ts';

/** A received image, described by its bytes. */
export interface ReceivedImage {
  readonly index: number;
  readonly info: ReturnType<ImageInspector['end']>;
  readonly sha256: string;
  readonly byteLength: number;
  readonly temporaryPath?: string;
  readonly bytes?: Uint8Array;
}

/** The sinks of one collection: temporary files beside their target, or memory. Inspects every byte. */
export class JobImages {
  readonly #target: OutputTarget | undefined;
  readonly #key: string;
  readonly #asked: ImageSize | undefined;
  /** By index; lists and no maps, because thousands of jobs wait before they have an image. */
  readonly #sinks: (RecordingSink | undefined)[] = [];
  readonly #extraFiles: { readonly name: string; readonly sink: RecordingSink }[] = [];
  /** Sinks opened so far: an earlier fault is not about the images. */
  opened = 0;
  /** The first disk error, because a backend may report it as another error. */
  storageFault: unknown;

  /** @param asked What was asked for: the pixels of a picture that is far larger are not read. */
  constructor(target: OutputTarget | undefined, key: string, asked?: ImageSize) {
    this.#target = target;
    this.#key = key;
    this.#asked = asked;
  }

  async openImage(index: number): Promise<ImageSink> {
    this.opened += 1;
    await this.#sinks[index]?.abort();
    const path = this.#target === undefined ? undefined : temporaryPath(this.#target, this.#key, index);
    try {
      const file = path === undefined ? undefined : new StagedFile(path);
      const sink = new RecordingSink(index, path, file, this.#asked, (fault) => {
        this.storageFault ??= fault;
      });
      this.#sinks[index] = sink;
      return sink;
    } catch (error) {
      const fault = storageError(error, path ?? say('in-memory'), 'accepted');
      this.storageFault ??= fault;
      throw fault;
    }
  }

  /** The closed image at this index. */
  received(index: number): ReceivedImage | undefined {
    return this.#sinks[index]?.received();
  }

  /** A sink for a file that is not an image. Its faults are not those of the images. */
  async openExtraFile(target: OutputTarget, name: string): Promise<ImageSink> {
    const known = this.#extraFiles.findIndex((file) => file.name === name);
    await this.#extraFiles[known]?.sink.abort();
    const index = known === -1 ? this.#extraFiles.length : known;
    const path = temporaryPath(target, this.#key, `extra-${index}`);
    const sink = new RecordingSink(index, path, new StagedFile(path), undefined, () => undefined);
    this.#extraFiles[index] = { name, sink };
    return sink;
  }

  /** The closed files that are not images, by the provider's names. */
  extraFiles(): readonly (readonly [name: string, file: ReceivedImage])[] {
    return this.#extraFiles.flatMap(({ name, sink }) => {
      const file = sink.received();
      return file === undefined ? [] : [[name, file] as const];
    });
  }

  /** Removes all images except those at these indexes; the other files too if no image is kept. */
  async discard(keep: ReadonlySet<number> = new Set()): Promise<void> {
    if (keep.size === 0) for (const { sink } of this.#extraFiles) await sink.abort();
    for (const [index, sink] of this.#sinks.entries()) {
      if (keep.has(index)) continue;
      await sink?.abort();
      this.#sinks[index] = undefined;
    }
  }
}

class RecordingSink implements ImageSink {
  readonly index: number;
  readonly #path: string | undefined;
  readonly #file: StagedFile | undefined;
  readonly #asked: ImageSize | undefined;
  readonly #onFault: (fault: unknown) => void;
  #pixels: PngPixels | undefined;
  readonly #inspector = new ImageInspector({
    header: (data) => {
      const size = { width: viewOf(data).getUint32(0), height: viewOf(data).getUint32(4) };
      if (!isOversized(size, this.#asked)) this.#pixels = createPngPixels(data);
    },
    data: (part) => this.#pixels?.write(part),
  });
  readonly #chunks: Uint8Array[] = [];
  #state: 'open' | 'closed' | 'aborted' = 'open';
  #info: ReturnType<ImageInspector['end']>;

  constructor(
    index: number,
    path: string | undefined,
    file: StagedFile | undefined,
    asked: ImageSize | undefined,
    onFault: (fault: unknown) => void,
  ) {
    this.index = index;
    this.#path = path;
    this.#file = file;
    this.#asked = asked;
    this.#onFault = onFault;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#state !== 'open') throw new Error('The image is closed; nothing can be written to it.');
    this.#inspector.write(chunk);
    // Not `slice`: that of a Buffer copies nothing.
    if (this.#file === undefined) this.#chunks.push(new Uint8Array(chunk));
    else await this.#guard((file) => file.write(chunk));
    await this.#pixels?.taken();
  }

  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    // The bytes must be on disk before the row says `received`.
    await this.#guard((file) => file.finish());
    // It may have been aborted meanwhile.
    if (this.#isAborted) return;
    const info = this.#inspector.end();
    // The pixels of an oversized PNG were not read.
    const isPng = info?.complete === true && info.mediaType === 'image/png';
    const isWhole = !isPng || (await this.#pixels?.end()) === true;
    if (this.#isAborted) return;
    this.#state = 'closed';
    this.#info = info === undefined || isWhole ? info : { ...info, complete: false };
  }

  async abort(): Promise<void> {
    this.#state = 'aborted';
    this.#pixels?.stop();
    this.#chunks.length = 0;
    await this.#file?.remove();
  }

  inspect(): InspectedImage | undefined {
    return this.#inspector.end();
  }

  received(): ReceivedImage | undefined {
    if (this.#state !== 'closed') return undefined;
    return {
      index: this.index,
      info: this.#info,
      sha256: this.#inspector.sha256,
      byteLength: this.#inspector.byteLength,
      ...(this.#path === undefined ? { bytes: Buffer.concat(this.#chunks) } : { temporaryPath: this.#path }),
    };
  }

  /** A getter, because TypeScript would narrow the field across an `await`. */
  get #isAborted(): boolean {
    return this.#state === 'aborted';
  }

  async #guard(work: (file: StagedFile) => Promise<void>): Promise<void> {
    if (this.#file === undefined) return;
    try {
      await work(this.#file);
    } catch (error) {
      const fault = storageError(error, this.#path ?? say('in-memory'), 'accepted');
      this.#onFault(fault);
      throw fault;
    }
  }
}

/** Moves a complete file into place; `syncFolder` makes it durable. */
export function moveIntoPlace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw storageError(error, to, 'accepted');
  }
}
