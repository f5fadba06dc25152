import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { NodeIO } from '@gltf-transform/core';
import type { Document, Node } from '@gltf-transform/core';
import { KHRMaterialsUnlit } from '@gltf-transform/extensions';
import { readManifest } from '@holodeck/hybrid';
import { validateBytes } from 'gltf-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { compileCache } from '../../../test/support/compile-cache.ts';
import { withPackages } from '../../../test/support/packages.ts';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const ids = ['screen', 'table', 'lantern', 'stool'];

interface End {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runPipeline(folder: string, ...args: readonly string[]): Promise<End> {
  const env = { PATH: process.env['PATH'] ?? '', ...compileCache, HOME: folder };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...withPackages, program, '--out', join(folder, 'output'), ...args],
      { cwd: folder, env },
      (error, stdout, stderr) => resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

function readScene(bytes: Uint8Array): Promise<Document> {
  return new NodeIO().registerExtensions([KHRMaterialsUnlit]).readBinary(bytes);
}

interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** Width and height of an upright quad. */
function sizeOf(node: Node): { readonly width: number; readonly height: number } {
  const position = node.getMesh()?.listPrimitives()[0]?.getAttribute('POSITION') ?? expect.unreachable();
  const [low, high] = [position.getMin([]), position.getMax([])];
  return { width: (high[0] ?? 0) - (low[0] ?? 0), height: (high[1] ?? 0) - (low[1] ?? 0) };
}

/** As the viewer at the origin sees it: angles from left to right, metres upwards. */
function boundsOf(node: Node): Bounds {
  const { width, height } = sizeOf(node);
  const [x, y, z] = node.getTranslation();
  const distance = Math.hypot(x, z);
  const angle = Math.atan2(x, -z);
  const half = Math.atan(width / 2 / distance);
  return { left: angle - half, right: angle + half, bottom: y, top: y + height };
}

let folder: string;
let first: End;
let glb: Buffer;
let scene: Document;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holodeck-pipeline-'));
  first = await runPipeline(folder);
  glb = readFileSync(join(folder, 'output', 'noodle-bar', 'scene.glb'));
  scene = await readScene(glb);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nodeOf = (name: string): Node =>
  scene
    .getRoot()
    .listNodes()
    .find((node) => node.getName() === name) ?? expect.unreachable(`no node ${name}`);

it('succeeds and prints what it made', () => {
  expect(first).toMatchObject({ exitCode: 0, stderr: '' });
  expect(first.stdout.trim().split('\n').at(-1)).toBe(
    `${join(folder, 'output', 'noodle-bar', 'scene.glb')} with ${ids.join(', ')}`,
  );
});

it('the Khronos validator finds no fault', async () => {
  const { issues, info } = await validateBytes(new Uint8Array(glb), { format: 'glb', maxIssues: 0 });
  expect(issues.messages).toEqual([]);
  expect({ errors: issues.numErrors, warnings: issues.numWarnings }).toEqual({ errors: 0, warnings: 0 });
  expect(info).toMatchObject({ drawCallCount: 5, totalTriangleCount: 10, hasTextures: true });
});

it('the validator would have found a fault', async () => {
  const broken = new Uint8Array(glb);
  // It renames "asset", which the specification does not allow.
  broken.set(Buffer.from('"azzet"'), glb.indexOf('"asset"'));
  const { issues } = await validateBytes(broken, { format: 'glb' });
  expect(issues.numErrors).toBeGreaterThan(0);
});

describe('the scene', () => {
  it('has every card as a named, transparent quad, with the exact picture of the manifest', async () => {
    const manifest = await readManifest(join(folder, 'output', 'noodle-bar'));
    for (const objectId of ids) {
      const asset = manifest.assets.find((candidate) => candidate.objectId === objectId) ?? expect.unreachable();
      const node = nodeOf(objectId);
      const material = node.getMesh()?.listPrimitives()[0]?.getMaterial() ?? expect.unreachable();
      const image = material.getBaseColorTexture()?.getImage() ?? expect.unreachable();
      expect(material.getAlphaMode()).toBe('BLEND');
      expect(createHash('sha256').update(image).digest('hex')).toBe(asset.sha256);
      expect(node.getExtras()).toMatchObject({ assetId: `card/${objectId}`, name: asset.name, sha256: asset.sha256 });
    }
  });

  it('gives each object its size, and the proportions of its picture', () => {
    const { objects } = JSON.parse(readFileSync(new URL('../objects.json', import.meta.url), 'utf8')) as {
      objects: { object_id: string; size_m: [number, number, number] }[];
    };
    for (const { object_id: id, size_m: size } of objects) {
      const { width, height } = sizeOf(nodeOf(id));
      expect(Math.max(width, height)).toBeCloseTo(Math.max(size[0], size[2]), 5);
      const coordinates = nodeOf(id).getMesh()?.listPrimitives()[0]?.getAttribute('TEXCOORD_0');
      const [low, high] = [coordinates?.getMin([]) ?? [], coordinates?.getMax([]) ?? []];
      // Cards are square, so the visible part has the quad's proportions.
      const shown = ((high[0] ?? 0) - (low[0] ?? 0)) / ((high[1] ?? 0) - (low[1] ?? 0));
      expect(width / height).toBeCloseTo(shown, 4);
      // A card promises that the object fills 0.85 of the frame.
      expect(Math.max((high[0] ?? 0) - (low[0] ?? 0), (high[1] ?? 0) - (low[1] ?? 0))).toBeCloseTo(0.85, 1);
    }
  });

  it('stands in order, side by side, in front of the backdrop and in the view of the camera', () => {
    const bounds = ids.map((id) => boundsOf(nodeOf(id)));
    for (const [index, { right }] of bounds.entries()) {
      expect(right).toBeLessThan(bounds[index + 1]?.left ?? Infinity);
    }
    expect(bounds.map(({ bottom }) => Math.round(bottom * 10) / 10)).toEqual([0, 0, 1.7, 0]);
    const backdrop = nodeOf('backdrop');
    const depth = -backdrop.getTranslation()[2];
    for (const id of ids) expect(Math.hypot(...nodeOf(id).getTranslation())).toBeLessThan(depth);
    const behind = boundsOf(backdrop);
    expect(behind.left).toBeLessThan(bounds[0]?.left ?? -Infinity);
    expect(behind.right).toBeGreaterThan(bounds.at(-1)?.right ?? Infinity);

    const viewer = nodeOf('viewer');
    const vertical = viewer.getCamera()?.getYFov() ?? 0;
    const horizontal = 2 * Math.atan((Math.tan(vertical / 2) * 16) / 9);
    expect(bounds[0]?.left).toBeGreaterThan(-horizontal / 2);
    expect(bounds.at(-1)?.right).toBeLessThan(horizontal / 2);
  });
});

it('the same call again makes no image and the same scene', async () => {
  const before = await readManifest(join(folder, 'output', 'noodle-bar'));
  expect(await runPipeline(folder)).toMatchObject({ exitCode: 0, stderr: '' });
  const after = await readManifest(join(folder, 'output', 'noodle-bar'));
  expect(after.cost.paidSubmissions).toBe(before.cost.paidSubmissions);
  const again = await readScene(readFileSync(join(folder, 'output', 'noodle-bar', 'scene.glb')));
  const textures = (document: Document): unknown[] =>
    document
      .getRoot()
      .listTextures()
      .map((texture) => [texture.getName(), texture.getImage()]);
  expect(textures(again)).toEqual(textures(scene));
});

it('a file that is not a scene is refused with a clear message', async () => {
  const path = join(folder, 'bad.json');
  writeFileSync(path, '{"objects": [{"object_id": "chair"}]}');
  const { exitCode, stderr } = await runPipeline(folder, '--objects', path);
  expect(exitCode).toBe(1);
  expect(stderr).toBe(`${path}: objects[0] has no text "name".\n`);
});
