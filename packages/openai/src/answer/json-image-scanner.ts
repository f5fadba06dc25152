import { Base64Decoder } from './base64-decoder.ts';

/** Receives the pictures that a JSON text carries in base64. */
export interface ScannedImageHandler {
  /**
   * A picture begins. `item` is its place in the innermost list, 0 outside of lists. Returns whether its bytes are wanted.
   */
  imageStart(slot: number, item: number): boolean;
  /** The next bytes of the picture. Copy them to keep them after `reuse`. */
  imageData(slot: number, bytes: Buffer): void;
  /** The picture's text ended after so many characters of base64. */
  imageEnd(slot: number, characters: number): void;
}

/** The rest of a JSON text, with markers in place of its pictures. */
export interface ScannedJson {
  /** False when the text ended early, is not JSON, or is too long without its pictures. */
  readonly complete: boolean;
  readonly value?: unknown;
  /** The first characters of the text, pictures replaced. */
  readonly excerpt: string;
}

const quote = 0x22;
const backslash = 0x5c;
const maxRestBytes = 4 * 2 ** 20;
const maxKeyBytes = 64;
/** Up to this length an unwanted picture is only counted. */
const quietCharacters = 2 * 2 ** 20;
const marker = '\u0001image:';

/** The slot of a marker that stands in a scanned value, or undefined. */
export function markedSlot(value: unknown): number | undefined {
  if (typeof value !== 'string' || !value.startsWith(marker)) return undefined;
  return Number(value.slice(marker.length));
}

interface Container {
  readonly list: boolean;
  index: number;
  key: string;
}

type State =
  | 'structure'
  | 'text'
  | 'text-escape'
  | 'prefix'
  | 'data-header'
  | 'image'
  | 'image-escape'
  | 'image-unicode';

/**
 * Reads a JSON text in pieces and takes out the pictures (`b64_json`, and data URIs in `b64_json` or `url`) as they pass, so
 * that memory use does not depend on their size. The rest is parsed as ordinary JSON at the end.
 */
export class JsonImageScanner {
  readonly #handler: ScannedImageHandler;
  readonly #rest: Buffer[] = [];
  readonly #stack: Container[] = [];
  #restBytes = 0;
  #state: State = 'structure';
  #expectsKey = false;
  #inKey = false;
  #text = '';
  #prefix = '';
  #escape = '';
  readonly #decoder = new Base64Decoder();
  #wanted = false;
  #characters = 0;
  #nextSlot: number;
  #slot = 0;
  #closed = false;

  /** @param firstSlot The number of the first picture. */
  constructor(handler: ScannedImageHandler, firstSlot = 0) {
    this.#handler = handler;
    this.#nextSlot = firstSlot;
  }

  /** The number of the next picture. */
  get nextSlot(): number {
    return this.#nextSlot;
  }

  /** The outermost object or list has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The bytes of pictures so far are written or copied: their memory is for the next ones. */
  reuse(): void {
    this.#decoder.reuse();
  }

  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < bytes.length) at = this.#step(bytes, at);
  }

  end(): ScannedJson {
    const text = Buffer.concat(this.#rest)
      .toString('utf8')
      .replace(/^\uFEFF/, '');
    const excerpt = text.slice(0, 2000).replaceAll(/\\u0001image:\d+/g, '...');
    if (this.#restBytes > maxRestBytes) return { complete: false, excerpt };
    try {
      return { complete: true, value: JSON.parse(text), excerpt };
    } catch {
      return { complete: false, excerpt };
    }
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'structure':
        return this.#structure(bytes, at);
      case 'text':
        return this.#ordinaryText(bytes, at);
      case 'text-escape':
        this.#keep(bytes.subarray(at, at + 1));
        this.#state = 'text';
        return at + 1;
      case 'prefix':
        return this.#sniff(bytes, at);
      case 'data-header':
        return this.#dataHeader(bytes, at);
      case 'image':
        return this.#image(bytes, at);
      default:
        return this.#imageEscape(bytes, at);
    }
  }

  #structure(bytes: Buffer, start: number): number {
    let at = start;
    while (at < bytes.length) {
      const byte = bytes[at] as number;
      at += 1;
      if (byte === quote) {
        this.#keep(bytes.subarray(start, at));
        this.#beginText();
        return at;
      }
      this.#punctuation(byte);
    }
    this.#keep(bytes.subarray(start, at));
    return at;
  }

  #punctuation(byte: number): void {
    const top = this.#stack.at(-1);
    if (byte === 0x7b /* { */ || byte === 0x5b /* [ */) {
      const list = byte === 0x5b;
      this.#stack.push({ list, index: 0, key: '' });
      this.#expectsKey = !list;
    } else if (byte === 0x7d /* } */ || byte === 0x5d /* ] */) {
      this.#stack.pop();
      this.#expectsKey = false;
      if (this.#stack.length === 0) this.#closed = true;
    } else if (byte === 0x2c /* , */ && top !== undefined) {
      if (top.list) top.index += 1;
      this.#expectsKey = !top.list;
    } else if (byte === 0x3a /* : */) {
      this.#expectsKey = false;
    }
  }

  #beginText(): void {
    this.#text = '';
    this.#inKey = this.#expectsKey;
    const key = this.#stack.at(-1)?.key;
    const candidate = !this.#inKey && (key === 'b64_json' || key === 'url');
    this.#prefix = '';
    this.#state = candidate ? 'prefix' : 'text';
  }

  #ordinaryText(bytes: Buffer, at: number): number {
    const end = firstOf(bytes, at);
    const piece = bytes.subarray(at, end + 1);
    this.#keep(piece);
    if (this.#inKey && this.#text.length < maxKeyBytes)
      this.#text += bytes.toString('latin1', at, Math.min(end, bytes.length));
    if (end >= bytes.length) return end;
    if (bytes[end] === backslash) this.#state = 'text-escape';
    else this.#endText();
    return end + 1;
  }

  #endText(): void {
    this.#state = 'structure';
    const top = this.#stack.at(-1);
    if (this.#inKey && top !== undefined) top.key = this.#text;
    this.#expectsKey = false;
  }

  /** Distinguishes a data URI, an address and base64 by the first characters of the text. */
  #sniff(bytes: Buffer, at: number): number {
    const byte = bytes[at] as number;
    const isBase64 = this.#stack.at(-1)?.key === 'b64_json';
    if (byte !== quote && byte !== backslash && this.#prefix.length < 5) {
      this.#prefix += String.fromCharCode(byte);
      return at + 1;
    }
    const dataUri = this.#prefix.toLowerCase() === 'data:';
    if (!isBase64 && !dataUri) {
      this.#keep(Buffer.from(this.#prefix, 'latin1'));
      this.#state = 'text';
      return at;
    }
    this.#slot = this.#nextSlot;
    this.#nextSlot += 1;
    this.#characters = 0;
    this.#wanted = this.#handler.imageStart(this.#slot, this.#itemIndex());
    this.#keep(Buffer.from(JSON.stringify(`${marker}${this.#slot}`).slice(1, -1)));
    this.#state = dataUri ? 'data-header' : 'image';
    if (!dataUri) this.#base64(this.#prefix);
    return at;
  }

  #dataHeader(bytes: Buffer, at: number): number {
    for (let index = at; index < bytes.length; index += 1) {
      if (bytes[index] === 0x2c /* , */) {
        this.#state = 'image';
        return index + 1;
      }
      if (bytes[index] === quote) {
        this.#state = 'image';
        return index;
      }
    }
    return bytes.length;
  }

  #image(bytes: Buffer, at: number): number {
    const end = firstOf(bytes, at);
    // V8 sees little of the memory of the chunks and frees it only when it collects its young generation, which these strings
    // fill. So large pictures become strings even where nobody wants them: 10 MB then peak at 15 MB instead of 40.
    if (this.#wanted || this.#characters > quietCharacters) this.#base64(bytes.toString('latin1', at, end));
    else this.#characters += end - at;
    if (end >= bytes.length) return end;
    if (bytes[end] === backslash) {
      this.#state = 'image-escape';
      return end + 1;
    }
    if (this.#wanted) this.#deliver(this.#decoder.end());
    this.#handler.imageEnd(this.#slot, this.#characters);
    this.#keep(bytes.subarray(end, end + 1));
    this.#state = 'structure';
    this.#expectsKey = false;
    return end + 1;
  }

  /** Some servers write `\/`, some break lines, some write `+` or `=` as `\u002b`. */
  #imageEscape(bytes: Buffer, at: number): number {
    const character = String.fromCharCode(bytes[at] as number);
    if (this.#state === 'image-escape') {
      this.#escape = '';
      this.#state = character === 'u' ? 'image-unicode' : 'image';
      if (character === '/') this.#base64('/');
      return at + 1;
    }
    this.#escape += character;
    if (this.#escape.length === 4) {
      this.#base64(String.fromCharCode(Number.parseInt(this.#escape, 16)));
      this.#state = 'image';
    }
    return at + 1;
  }

  #base64(text: string): void {
    this.#characters += text.length;
    if (this.#wanted) this.#deliver(this.#decoder.write(text));
  }

  #deliver(bytes: Buffer): void {
    if (bytes.length > 0) this.#handler.imageData(this.#slot, bytes);
  }

  #itemIndex(): number {
    return this.#stack.findLast((container) => container.list)?.index ?? 0;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#restBytes += bytes.length;
    // Copied, because the chunk's buffer is used again.
    if (this.#restBytes <= maxRestBytes) this.#rest.push(Buffer.from(bytes));
  }
}

/** Index of the next quote or backslash; the length when there is none. */
function firstOf(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(quote, from);
  const limit = end === -1 ? bytes.length : end;
  const escape = bytes.subarray(from, limit).indexOf(backslash);
  return escape === -1 ? limit : from + escape;
}
