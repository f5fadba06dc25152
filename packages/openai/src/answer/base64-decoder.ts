/** Decodes base64 (also the URL-safe alphabet) that arrives in pieces of any length. */
export class Base64Decoder {
  #carry = '';

  /** Passes on the bytes of all whole groups of four characters so far. */
  write(text: string, take: (bytes: Buffer) => void): void {
    const missing = this.#carry === '' ? 0 : 4 - this.#carry.length;
    if (text.length < missing) {
      this.#carry += text;
      return;
    }
    // The group that two pieces share is decoded on its own, so that long pieces are not copied.
    if (missing > 0) take(Buffer.from(this.#carry + text.slice(0, missing), 'base64'));
    const whole = text.length - ((text.length - missing) % 4);
    this.#carry = text.slice(whole);
    if (whole > missing) take(Buffer.from(text.slice(missing, whole), 'base64'));
  }

  /** The bytes of the last, unpadded group. */
  end(): Buffer {
    const rest = Buffer.from(this.#carry, 'base64');
    this.#carry = '';
    return rest;
  }
}
