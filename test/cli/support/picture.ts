import sharp from 'sharp';

/** A PNG of 512x512 pixels with these shapes (SVG) on a light grey background. */
export async function picture(...shapes: readonly string[]): Promise<Uint8Array> {
  const ground = '<rect width="512" height="512" fill="#dcdcdc"/>';
  return sharp(Buffer.from(`<svg width="512" height="512">${ground}${shapes.join('')}</svg>`))
    .flatten()
    .png()
    .toBuffer();
}

/** A red disc. */
export function disc(x = 256, radius = 180): string {
  return `<circle cx="${x}" cy="256" r="${radius}" fill="#a01818"/>`;
}
