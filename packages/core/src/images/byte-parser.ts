/** What a parser wants next from the stream. */
export type ByteRequest =
  /** Exactly this many bytes in one piece. Only small pieces: they are kept in memory. */
  | { readonly take: number }
  /** Skips this many bytes; `visit` sees them. */
  | { readonly skip: number; readonly visit?: (part: Uint8Array) => void }
  /** Skips everything up to and including the next byte with this value; `passed` is told how many bytes went before it. */
  | { readonly find: number; readonly passed?: (bytes: number) => void };

/**
 * A parser of a stream: it yields what it wants next and receives the bytes of a `take`. It writes what it finds into an object,
 * because the stream may end at any request.
 */
export type ByteParser = Generator<ByteRequest, void, Uint8Array>;

const nothing = new Uint8Array(0);

/** Feeds a parser with chunks of any size. */
export class ByteFeeder {
  readonly #parser: ByteParser;
  #request: ByteRequest | undefined;
  #left = 0;
  #partial: Uint8Array = nothing;
  #filled = 0;

  constructor(parser: ByteParser) {
    this.#parser = parser;
    this.#advance(nothing);
  }

  write(chunk: Uint8Array): void {
    let position = 0;
    while (this.#request !== undefined && position < chunk.byteLength) {
      if ('take' in this.#request) position = this.#take(chunk, position);
      else if ('skip' in this.#request) position = this.#skip(chunk, position, this.#request.visit);
      else position = this.#find(chunk, position, this.#request);
    }
  }

  #take(chunk: Uint8Array, position: number): number {
    const end = Math.min(chunk.byteLength, position + this.#left);
    if (this.#filled === 0 && end - position === this.#left) {
      this.#advance(chunk.subarray(position, end));
      return end;
    }
    if (this.#filled === 0) this.#partial = new Uint8Array(this.#left);
    this.#partial.set(chunk.subarray(position, end), this.#filled);
    this.#filled += end - position;
    this.#left -= end - position;
    if (this.#left === 0) this.#advance(this.#partial);
    return end;
  }

  #skip(chunk: Uint8Array, position: number, visit: ((part: Uint8Array) => void) | undefined): number {
    const end = Math.min(chunk.byteLength, position + this.#left);
    visit?.(chunk.subarray(position, end));
    this.#left -= end - position;
    if (this.#left === 0) this.#advance(nothing);
    return end;
  }

  #find(chunk: Uint8Array, position: number, { find, passed }: Extract<ByteRequest, { find: number }>): number {
    const index = chunk.indexOf(find, position);
    passed?.((index === -1 ? chunk.byteLength : index) - position);
    if (index === -1) return chunk.byteLength;
    this.#advance(nothing);
    return index + 1;
  }

  /** Gets the parser's next request; a request for 0 bytes is answered at once. */
  #advance(bytes: Uint8Array): void {
    this.#filled = 0;
    let result = this.#parser.next(bytes);
    while (result.done !== true) {
      this.#request = result.value;
      this.#left = 'take' in result.value ? result.value.take : 'skip' in result.value ? result.value.skip : 1;
      if (this.#left > 0) return;
      result = this.#parser.next(nothing);
    }
    this.#request = undefined;
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
