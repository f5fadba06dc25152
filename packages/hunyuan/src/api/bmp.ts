/** Pixels of a decoded picture: RGB, rows from the top. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

/**
 * Decodes an uncompressed BMP of 24 or 32 bits, which the image library cannot read.
 * @throws {RangeError} for any other kind.
 */
export function decodeBmp(bytes: Uint8Array): Bitmap {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const storedHeight = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  // 3 = bit fields; the usual masks are those of the plain form.
  const plain = compression === 0 || (compression === 3 && bits === 32 && view.getUint32(54, true) === 0xff0000);
  if (headerBytes < 40 || width <= 0 || !plain || (bits !== 24 && bits !== 32)) {
    throw new RangeError(`A BMP of this kind is not read (${bits} bits, compression ${compression}).`);
  }
  const height = Math.abs(storedHeight);
  const step = bits / 8;
  const stride = Math.ceil((width * step) / 4) * 4;
  if (start + stride * height > bytes.byteLength) throw new RangeError('The BMP is cut short.');
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    // A positive height means that the lowest row comes first.
    let from = start + stride * (storedHeight > 0 ? height - 1 - y : y);
    let to = y * width * 3;
    for (let x = 0; x < width; x += 1, from += step, to += 3) {
      pixels[to] = bytes[from + 2] ?? 0;
      pixels[to + 1] = bytes[from + 1] ?? 0;
      pixels[to + 2] = bytes[from] ?? 0;
    }
  }
  return { width, height, pixels };
}
