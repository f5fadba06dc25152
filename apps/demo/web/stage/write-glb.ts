import { Document, WebIO } from '@gltf-transform/core';
import type { Mesh } from './inflate.ts';

/** A mesh with its picture. */
export interface GlbPart {
  readonly name: string;
  readonly mesh: Pick<Mesh, 'positions' | 'normals' | 'uvs' | 'indices'>;
  /** A JPEG. */
  readonly picture: Uint8Array<ArrayBuffer>;
  readonly position: readonly [x: number, y: number, z: number];
  readonly scale: number;
}

/** Stands in every file: nobody should take these for models. */
const note = 'A preview inflated from the silhouette of a picture, not a model of the object.';

/** https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html#_sampler_wraps */
const mirroredRepeat = 33_648;

/** A binary glTF 2.0 file of some meshes. */
export async function writeGlb(parts: readonly GlbPart[]): Promise<Uint8Array<ArrayBuffer>> {
  const file = new Document();
  const root = file.getRoot();
  root.getAsset().generator = 'Holodeck Image demo';
  root.setExtras({ note });
  const buffer = file.createBuffer();
  const scene = file.createScene('scene');
  root.setDefaultScene(scene);
  for (const { name, mesh, picture, position, scale } of parts) {
    const texture = file.createTexture(name).setImage(picture).setMimeType('image/jpeg');
    const material = file
      .createMaterial(name)
      .setBaseColorTexture(texture)
      .setMetallicFactor(0)
      .setRoughnessFactor(0.9);
    // The backdrop continues with its mirror image.
    material.getBaseColorTextureInfo()?.setWrapS(mirroredRepeat);
    const accessor = (
      type: 'VEC3' | 'VEC2' | 'SCALAR',
      values: Float32Array | Uint32Array,
    ): ReturnType<Document['createAccessor']> =>
      file.createAccessor().setType(type).setArray(values.slice()).setBuffer(buffer);
    const primitive = file
      .createPrimitive()
      .setAttribute('POSITION', accessor('VEC3', mesh.positions))
      .setAttribute('NORMAL', accessor('VEC3', mesh.normals))
      .setAttribute('TEXCOORD_0', accessor('VEC2', mesh.uvs))
      .setIndices(accessor('SCALAR', mesh.indices))
      .setMaterial(material);
    const node = file
      .createNode(name)
      .setMesh(file.createMesh(name).addPrimitive(primitive))
      .setTranslation([...position])
      .setScale([scale, scale, scale]);
    scene.addChild(node);
  }
  return new WebIO().writeBinary(file) as Promise<Uint8Array<ArrayBuffer>>;
}
