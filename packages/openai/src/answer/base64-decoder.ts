const nothing = Buffer.alloc(0);

/**
 * Decodes base64 (also the URL-safe alphabet) that arrives in pieces of any length, into memory that it uses again: the garbage
 * collector frees buffers late, so those of a few hundred pieces would take more than all else that is done with them.
 */
export class Base64Decoder {
  #carry = '';
  #room: Buffer = nothing;
  #filled = 0;

  /** The bytes of all whole groups of four characters so far. Copy them to keep them after `reuse`. */
  write(text: string): Buffer {
    const missing = this.#carry === '' ? 0 : 4 - this.#carry.length;
    if (text.length < missing) {
      this.#carry += text;
      return nothing;
    }
    const whole = text.length - ((text.length - missing) % 4);
    const start = this.#make(this.#carry.length + whole);
    // The group that two pieces share is decoded on its own, so that long pieces are not copied.
    if (missing > 0) this.#decode(this.#carry + text.slice(0, missing));
    if (whole > missing) this.#decode(text.slice(missing, whole));
    this.#carry = text.slice(whole);
    return this.#room.subarray(start, this.#filled);
  }

  /** The bytes of the last, unpadded group. The next text may begin. */
  end(): Buffer {
    const start = this.#make(this.#carry.length);
    this.#decode(this.#carry);
    this.#carry = '';
    return this.#room.subarray(start, this.#filled);
  }

  /** All bytes so far are written or copied: their memory is for the next ones. */
  reuse(): void {
    this.#filled = 0;
  }

  /** Makes room for so many characters; returns where their bytes will begin. Earlier bytes stay where they are. */
  #make(characters: number): number {
    const bytes = Math.ceil(characters / 4) * 3;
    if (this.#room.length - this.#filled < bytes) {
      this.#room = Buffer.allocUnsafeSlow(bytes);
      this.#filled = 0;
    }
    return this.#filled;
  }

  #decode(text: string): void {
    this.#filled += this.#room.write(text, this.#filled, 'base64');
  }
}
