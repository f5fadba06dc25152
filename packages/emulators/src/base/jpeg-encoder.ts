/** A baseline JPEG of flat 8 x 8 blocks: only the mean of each block is coded, which keeps the writer small. */
import type { BlockPicture } from './block-picture.ts';

/** Lengths of the standard code for differences of means (ITU T.81, table K.3): how many codes of 1 to 16 bits. */
const meanLengths = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const meanSymbols = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/** The only other symbol is "the rest of the block is zero": one bit, 0. */
const restLengths = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

interface Code {
  readonly bits: number;
  readonly length: number;
}

function codesOf(lengths: readonly number[]): Code[] {
  const codes: Code[] = [];
  let code = 0;
  for (const [index, count] of lengths.entries()) {
    for (let n = 0; n < count; n += 1) {
      codes.push({ bits: code, length: index + 1 });
      code += 1;
    }
    code <<= 1;
  }
  return codes;
}

class BitWriter {
  readonly #bytes: number[] = [];
  #buffer = 0;
  #count = 0;

  write(bits: number, length: number): void {
    for (let index = length - 1; index >= 0; index -= 1) {
      this.#buffer = (this.#buffer << 1) | ((bits >> index) & 1);
      this.#count += 1;
      if (this.#count === 8) this.#flush();
    }
  }

  end(): Buffer {
    while (this.#count !== 0) this.write(1, 1);
    return Buffer.from(this.#bytes);
  }

  #flush(): void {
    this.#bytes.push(this.#buffer);
    // A marker must not appear by chance.
    if (this.#buffer === 0xff) this.#bytes.push(0);
    this.#buffer = 0;
    this.#count = 0;
  }
}

export function encodeJpeg(picture: BlockPicture, width: number, height: number, comment: string): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    segment(0xfe, Buffer.from(comment, 'utf8')),
    segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 8)])),
    segment(0xc0, Buffer.from([8, height >> 8, height & 255, width >> 8, width & 255, 3, ...frameComponents()])),
    segment(0xc4, Buffer.from([0x00, ...meanLengths, ...meanSymbols])),
    segment(0xc4, Buffer.from([0x10, ...restLengths, 0])),
    segment(0xda, Buffer.from([3, 1, 0, 2, 0, 3, 0, 0, 63, 0])),
    scan(picture),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function frameComponents(): number[] {
  return [1, 2, 3].flatMap((id) => [id, 0x11, 0]);
}

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

function scan({ pixels }: BlockPicture): Buffer {
  const writer = new BitWriter();
  const codes = codesOf(meanLengths);
  const previous = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 4) {
    const values = meansOf(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    for (const [component, value] of values.entries()) {
      const difference = value - (previous[component] ?? 0);
      previous[component] = value;
      const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
      const code = codes[size] ?? { bits: 0, length: 0 };
      writer.write(code.bits, code.length);
      writer.write(difference >= 0 ? difference : difference + 2 ** size - 1, size);
      writer.write(0, 1);
    }
  }
  return writer.end();
}

/** Luminance and the two colour differences, centred; a flat block's mean is 8 times its value, divided by the step of 8. */
function meansOf(red: number, green: number, blue: number): [number, number, number] {
  const y = 0.299 * red + 0.587 * green + 0.114 * blue;
  return [Math.round(y - 128), Math.round((blue - y) / 1.772), Math.round((red - y) / 1.402)];
}
