import { isRecord } from '@holodeck/core/backend';
import { JsonImageScanner } from '../answer/json-image-scanner.ts';
import type { ImageWriter } from '../answer/image-writer.ts';
import type { WireLine } from './batch-wire.ts';

/** A line that somebody waits for. */
export interface ReadLine {
  readonly value: WireLine;
  /** Lengths of its pictures in base64, by slot. */
  readonly characters: ReadonlyMap<number, number>;
  /** Where its pictures went; undefined = it has none, or they came before the name of the line. */
  readonly writer: ImageWriter | undefined;
}

export interface LineHandler {
  /** The writer for the pictures of a line; undefined = nobody waits for it. */
  writerFor(customId: string): ImageWriter | undefined;
  /** A whole line. Called one after another. */
  line(customId: string, line: ReadLine): Promise<void>;
  /** The pictures of a line cannot be written. */
  failed(customId: string, error: unknown): void;
  /** A line whose pictures came before its name, so that they were not kept: it must be read again. */
  unread(lineNumber: number, customId: string): void;
}

const newline = 0x0a;
/** The name of a line is looked for in so many characters at its beginning. */
const headCharacters = 16_384;
const namePattern = /"custom_id"\s*:\s*"([\w.:-]{1,128})"/;

/**
 * Reads an output or error file of any length, in pieces. Each picture goes to its writer as it arrives, so neither the length
 * of a line nor that of the file matters; a line that nobody waits for is skipped.
 */
export class BatchLineReader {
  readonly #handler: LineHandler;
  /** Names of lines that an earlier reading found too late. */
  readonly #names: ReadonlyMap<number, string>;
  #line: OpenLine | undefined;
  #number = 0;
  #isStrange = false;

  constructor(handler: LineHandler, names: ReadonlyMap<number, string>) {
    this.#handler = handler;
    this.#names = names;
  }

  /** Whether a line was not an answer: the file is another one, such as a web page, or was cut short. */
  get isStrange(): boolean {
    return this.#isStrange;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(newline, at);
      this.#line ??= new OpenLine(this.#handler, this.#names.get(this.#number));
      await this.#line.write(bytes.subarray(at, end === -1 ? bytes.length : end));
      if (end === -1) return;
      await this.end();
      at = end + 1;
    }
  }

  /** The line is over. */
  async end(): Promise<void> {
    const line = this.#line;
    this.#line = undefined;
    const number = this.#number;
    this.#number += 1;
    const isAnswer = await line?.end((customId) => this.#handler.unread(number, customId));
    if (isAnswer === false) this.#isStrange = true;
  }

  /** Nothing more comes: discards what began. */
  async discard(): Promise<void> {
    await this.#line?.writer?.discard();
  }
}

class OpenLine {
  writer: ImageWriter | undefined;
  readonly #handler: LineHandler;
  readonly #scanner: JsonImageScanner;
  readonly #characters = new Map<number, number>();
  #name: string | undefined;
  #head = '';
  #unnamedPicture = false;
  #skipped = false;
  #isBlank = true;

  constructor(handler: LineHandler, name: string | undefined) {
    this.#handler = handler;
    this.#name = name;
    this.#scanner = new JsonImageScanner({
      imageStart: (slot, index) => this.#imageStart(slot, index),
      imageData: (slot, bytes) => this.writer?.imageData(slot, bytes),
      imageEnd: (slot, characters) => {
        this.#characters.set(slot, characters);
        this.writer?.imageEnd(slot);
      },
    });
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.#skipped) return;
    this.#isBlank &&= bytes.toString('latin1', 0, 100).trim() === '';
    if (this.#name === undefined && this.#head.length < headCharacters) {
      this.#head += bytes.toString('latin1', 0, headCharacters);
      this.#name = namePattern.exec(this.#head)?.[1];
    }
    this.writer ??= this.#name === undefined ? undefined : this.#handler.writerFor(this.#name);
    if (this.#name !== undefined && this.writer === undefined) {
      this.#skipped = true;
      return;
    }
    this.#scanner.write(bytes);
    await this.#drain();
    this.#scanner.reuse();
  }

  async #drain(): Promise<void> {
    try {
      await this.writer?.drain();
    } catch (error) {
      this.#skipped = true;
      await this.writer?.discard();
      this.#handler.failed(this.#name ?? '', error);
    }
  }

  /** @returns False for a line that is not an answer. */
  async end(unread: (customId: string) => void): Promise<boolean> {
    if (this.#skipped) return true;
    const { complete, value } = this.#scanner.end();
    const name = isRecord(value) ? value['custom_id'] : undefined;
    if (!complete || !isRecord(value) || typeof name !== 'string') {
      await this.writer?.discard();
      return this.#isBlank;
    }
    if (this.#unnamedPicture) {
      unread(name);
      return true;
    }
    // What looked like the name was a part of the answer.
    if (this.#name !== undefined && this.#name !== name) {
      await this.writer?.discard();
      unread(name);
      return true;
    }
    await this.#handler.line(name, { value, characters: this.#characters, writer: this.writer });
    return true;
  }

  #imageStart(slot: number, index: number): boolean {
    if (this.writer !== undefined) return this.writer.imageStart({ slot, index, preview: false });
    this.#unnamedPicture = true;
    return false;
  }
}
