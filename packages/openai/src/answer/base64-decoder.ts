/** Decodes base64 (also the URL-safe alphabet) that arrives in pieces of any length. */
export class Base64Decoder {
  #carry = '';

  /** The bytes of all whole groups of four characters so far; may be empty. */
  write(text: string): Buffer {
    const all = this.#carry + text;
    const whole = all.length - (all.length % 4);
    this.#carry = all.slice(whole);
    return Buffer.from(all.slice(0, whole), 'base64');
  }

  /** The bytes of the last, unpadded group. */
  end(): Buffer {
    const rest = Buffer.from(this.#carry, 'base64');
    this.#carry = '';
    return rest;
  }
}
