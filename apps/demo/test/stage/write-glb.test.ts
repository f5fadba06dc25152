import sharp from 'sharp';
import { validateBytes } from 'gltf-validator';
import { expect, it } from 'vitest';
import { inflate } from '../../web/stage/inflate.ts';
import { writeGlb } from '../../web/stage/write-glb.ts';

it('writes a scene that the validator of glTF has nothing to say about', async () => {
  const side = 32;
  const alpha = new Float32Array(side * side).map((_, at) =>
    Math.hypot((at % side) - 16, Math.floor(at / side) - 16) < 12 ? 1 : 0,
  );
  const mesh = inflate({ width: side, height: side, alpha });
  const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#b54a2f' } })
    .jpeg()
    .toBuffer();
  const picture = new Uint8Array(jpeg);
  const parts = ['灯笼', 'stool'].map((name, index) => ({
    name,
    mesh,
    picture,
    position: [index * 2, 0, 0] as const,
    scale: 1.5,
  }));
  const glb = await writeGlb(parts);
  const { issues, info } = await validateBytes(glb);
  expect(issues.messages).toEqual([]);
  expect(info.drawCallCount).toBe(2);
  expect(info.totalTriangleCount).toBe((2 * mesh.indices.length) / 3);
  expect(Buffer.from(glb).includes('not a model of the object')).toBe(true);
});
