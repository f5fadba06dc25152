import {
  BufferAttribute,
  BufferGeometry,
  CanvasTexture,
  CircleGeometry,
  Color,
  Group,
  Mesh as Solid,
  MeshBasicMaterial,
  MeshLambertMaterial,
  MirroredRepeatWrapping,
  PlaneGeometry,
  SRGBColorSpace,
} from 'three';
import type { Material, Texture } from 'three';
import { cyclorama } from './cyclorama.ts';
import type { Cyclorama } from './cyclorama.ts';
import type { Mesh } from './inflate.ts';
import type { Backdrop, Body } from './load-picture.ts';
import type { Place } from './stage-layout.ts';

/** A body on its place, with the shadow where it touches the ground. */
export function standingBody({ mesh, picture }: Body, { x, z }: Place, scale: number): Group {
  const solid = new Solid(geometryOf(mesh), new MeshLambertMaterial({ map: textureOf(picture) }));
  solid.scale.setScalar(scale);
  const [wide, deep] = [mesh.width * scale, mesh.depth * scale];
  const shadow = new Solid(
    new PlaneGeometry(wide * 1.35 + 0.2, deep * 1.7 + 0.3),
    new MeshBasicMaterial({ map: glow('0, 0, 0', 0.62), transparent: true, depthWrite: false }),
  );
  shadow.rotation.x = -Math.PI / 2;
  // The light comes from the left.
  shadow.position.set(wide * 0.06, 0.006, 0.02);
  const group = new Group();
  group.add(shadow, solid);
  group.position.set(x, 0, z);
  return group;
}

/** The backdrop and the ground before it. */
export function surroundings(backdrop: Backdrop | undefined, radius: number, floor: string): Group {
  const group = new Group();
  const color = new Color(backdrop?.ground ?? floor);
  if (backdrop !== undefined) {
    color.lerp(new Color(floor), 0.25);
    const wall = wallOf(backdrop, radius);
    const geometry = geometryOf(wall);
    const colors = new Float32Array(wall.opacities.length * 4).fill(1);
    for (const [at, opacity] of wall.opacities.entries()) colors[at * 4 + 3] = opacity;
    geometry.setAttribute('color', new BufferAttribute(colors, 4));
    const material = new MeshBasicMaterial({
      map: textureOf(backdrop.picture),
      vertexColors: true,
      transparent: true,
      depthWrite: false,
    });
    const solid = new Solid(geometry, material);
    solid.renderOrder = -1;
    group.add(solid);
  }
  const ground = new Solid(
    new CircleGeometry(radius * 1.5, 48),
    new MeshBasicMaterial({ color, map: glow('255, 255, 255', 1, 0.5), transparent: true, depthWrite: false }),
  );
  ground.rotation.x = -Math.PI / 2;
  ground.renderOrder = -2;
  group.add(ground);
  return group;
}

/** The mesh of a backdrop. */
export function wallOf({ picture }: Backdrop, radius: number): Cyclorama {
  return cyclorama(radius, picture.width / picture.height);
}

/** Frees what an object holds on the graphics processor. */
export function free(object: unknown): void {
  const { geometry, material } = object as {
    geometry?: { dispose(): void };
    material?: Material & { map?: Texture | null };
  };
  geometry?.dispose();
  material?.map?.dispose();
  material?.dispose();
}

function geometryOf({
  positions,
  normals,
  uvs,
  indices,
}: Pick<Mesh, 'positions' | 'normals' | 'uvs' | 'indices'>): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(positions, 3));
  geometry.setAttribute('normal', new BufferAttribute(normals, 3));
  geometry.setAttribute('uv', new BufferAttribute(uvs, 2));
  geometry.setIndex(new BufferAttribute(indices, 1));
  return geometry;
}

function textureOf(picture: OffscreenCanvas): Texture {
  const texture = new CanvasTexture(picture);
  texture.wrapS = MirroredRepeatWrapping;
  texture.colorSpace = SRGBColorSpace;
  // Our coordinates begin at the upper left corner.
  texture.flipY = false;
  return texture;
}

/** A spot that fades outwards. */
function glow(color: string, opacity: number, solid = 0): Texture {
  const canvas = new OffscreenCanvas(128, 128);
  const context = canvas.getContext('2d');
  if (context !== null) {
    const gradient = context.createRadialGradient(64, 64, 0, 64, 64, 64);
    for (const [at, share] of [
      [0, 1],
      [solid, 1],
      [solid + (1 - solid) * 0.4, 0.5],
      [solid + (1 - solid) * 0.75, 0.12],
      [1, 0],
    ] as const)
      gradient.addColorStop(at, `rgba(${color}, ${opacity * share})`);
    context.fillStyle = gradient;
    context.fillRect(0, 0, 128, 128);
  }
  const texture = new CanvasTexture(canvas);
  texture.colorSpace = SRGBColorSpace;
  return texture;
}
