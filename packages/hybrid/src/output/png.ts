/**
 * The picture as PNG, so that a file that is called `.png` is one; the same bytes when it is one already. Lossless. Its
 * metadata stay behind.
 */
export async function toPng(bytes: Uint8Array): Promise<Uint8Array> {
  if (isPng(bytes)) return bytes;
  const { default: sharp } = await import('sharp');
  return sharp(bytes).png().toBuffer();
}

/** Whether the bytes are a PNG file. */
export function isPng(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 8)).toString('latin1') === '\x89PNG\r\n\x1a\n';
}
