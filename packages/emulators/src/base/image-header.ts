/** Reads what kind of picture some bytes are, and how large it is, from their header. */

export interface ImageHeader {
  format: 'png' | 'jpeg' | 'webp' | 'bmp' | 'tiff' | 'gif';
  width: number;
  height: number;
}

/** `undefined` when the bytes are not a picture of a known kind. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const magic = data.toString('latin1', 0, 4);
    if (magic === '\x89PNG') return { format: 'png', width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
    if (magic === 'GIF8') return { format: 'gif', width: data.readUInt16LE(6), height: data.readUInt16LE(8) };
    if (magic.startsWith('BM'))
      return { format: 'bmp', width: data.readInt32LE(18), height: Math.abs(data.readInt32LE(22)) };
    if (magic === 'II*\0' || magic === 'MM\0*') return readTiff(data, magic.startsWith('I'));
    if (magic.startsWith('\xff\xd8')) return readJpeg(data);
    if (magic === 'RIFF' && data.toString('latin1', 8, 12) === 'WEBP') return readWebp(data);
    return undefined;
  } catch {
    return undefined; // Shorter than its own header.
  }
}

function readJpeg(data: Buffer): ImageHeader | undefined {
  let at = 2;
  while (at < data.length) {
    if (data[at] !== 0xff) return undefined;
    const marker = data.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { format: 'jpeg', width: data.readUInt16BE(at + 7), height: data.readUInt16BE(at + 5) };
    at += marker === 0xff ? 1 : 2 + data.readUInt16BE(at + 2);
  }
  return undefined;
}

function readWebp(data: Buffer): ImageHeader | undefined {
  const kind = data.toString('latin1', 12, 16);
  if (kind === 'VP8 ')
    return { format: 'webp', width: data.readUInt16LE(26) & 0x3fff, height: data.readUInt16LE(28) & 0x3fff };
  if (kind === 'VP8L') {
    const bits = data.readUInt32LE(21);
    return { format: 'webp', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind === 'VP8X') return { format: 'webp', width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 };
  return undefined;
}

function readTiff(data: Buffer, little: boolean): ImageHeader | undefined {
  const word = (at: number): number => (little ? data.readUInt16LE(at) : data.readUInt16BE(at));
  const long = (at: number): number => (little ? data.readUInt32LE(at) : data.readUInt32BE(at));
  const start = long(4);
  let width = 0;
  let height = 0;
  for (let index = 0; index < word(start); index += 1) {
    const at = start + 2 + index * 12;
    const value = word(at + 2) === 3 ? word(at + 8) : long(at + 8);
    if (word(at) === 256) width = value;
    if (word(at) === 257) height = value;
  }
  return width > 0 && height > 0 ? { format: 'tiff', width, height } : undefined;
}
