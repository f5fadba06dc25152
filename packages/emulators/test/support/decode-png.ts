import { crc32, inflateSync } from 'node:zlib';

export interface DecodedPng {
  width: number;
  height: number;
  channels: number;
  pixels: Buffer;
  text: Record<string, string>;
}

/** A strict decoder for what the painter writes: checks every CRC, the filter type and the length. */
export function decodePng(file: Buffer): DecodedPng {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    if (crc32(body) !== file.readUInt32BE(at + 8 + length)) throw new Error('wrong CRC');
    chunks.push({ type: body.toString('latin1', 0, 4), data: body.subarray(4) });
    at += 12 + length;
  }
  const find = (type: string): Buffer[] => chunks.filter((chunk) => chunk.type === type).map(({ data }) => data);
  const [header] = find('IHDR');
  if (header === undefined || chunks.at(-1)?.type !== 'IEND') throw new Error('no whole PNG');
  const [width, height, channels] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3];
  const stride = width * channels;
  const raw = inflateSync(Buffer.concat(find('IDAT')));
  if (raw.length !== (stride + 1) * height) throw new Error('wrong length of pixels');
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    if (raw[y * (stride + 1)] !== 2) throw new Error('unexpected filter');
    for (let x = 0; x < stride; x += 1)
      pixels[y * stride + x] =
        (raw[y * (stride + 1) + 1 + x] ?? 0) + (y === 0 ? 0 : (pixels[(y - 1) * stride + x] ?? 0));
  }
  const text = Object.fromEntries(
    find('iTXt').map((data) => {
      const end = data.indexOf(0);
      return [data.toString('latin1', 0, end), data.toString('utf8', end + 5)];
    }),
  );
  return { width, height, channels, pixels, text };
}
