import { Document } from '@gltf-transform/core';
import type { Material, Mesh, Node } from '@gltf-transform/core';
import { KHRMaterialsUnlit } from '@gltf-transform/extensions';
import type { Manifest } from '@holodeck/hybrid';

import type { Picture } from './picture.ts';
import type { Arrangement } from './place-cards.ts';

/** Height of the viewer's eyes, in metres. */
const eyeHeight = 1.4;
/** Distance of the backdrop behind the cards, in metres. */
const backdropDistance = 1.5;

/** A sampler's `wrapS` and `wrapT` in glTF 2.0, so no colour bleeds in from the opposite edge. */
const clampToEdge = 33071;

/** The parts of a scene. */
export interface SceneParts {
  readonly manifest: Manifest;
  readonly reference: Picture;
  /** By object id. */
  readonly cards: ReadonlyMap<string, Picture>;
  readonly arrangement: Arrangement;
}

/**
 * A glTF scene: each card is an upright quad of the object's size, named by its object id, in front of the scene reference as a
 * backdrop; and a camera. Pictures are embedded unchanged; `extras` record where each comes from.
 */
export function createSceneDocument({ manifest, reference, cards, arrangement }: SceneParts): Document {
  const document = new Document();
  const root = document.getRoot();
  root.getAsset().generator = 'holodeck-image example';
  document.createBuffer();
  const scene = document.createScene(manifest.sessionId).setExtras({
    sessionId: manifest.sessionId,
    manifestRevision: manifest.revision,
    backend: manifest.backend,
    model: manifest.model,
  });
  root.setDefaultScene(scene);
  const builder = new QuadBuilder(document);

  scene.addChild(createCamera(document, arrangement));
  scene.addChild(placeBackdrop(builder, reference, arrangement));
  for (const { objectId, width, height, position, yaw } of arrangement.cards) {
    const picture = cards.get(objectId);
    if (picture === undefined) throw new Error(`There is no card of ${objectId}.`);
    const node = builder.createQuad(objectId, picture, width, height);
    node.setTranslation([...position]).setRotation([0, Math.sin(yaw / 2), 0, Math.cos(yaw / 2)]);
    scene.addChild(node);
  }
  return document;
}

function createCamera(document: Document, { span }: Arrangement): Node {
  const camera = document.createCamera('viewer').setType('perspective').setZNear(0.05).setZFar(100);
  // Wide enough for the row at 16:9.
  camera.setYFov(2 * Math.atan((Math.tan(span / 2 + 0.1) * 9) / 16)).setAspectRatio(16 / 9);
  return document.createNode('viewer').setCamera(camera).setTranslation([0, eyeHeight, 0]);
}

/** Fills the view behind the row and stands on the floor. */
function placeBackdrop(builder: QuadBuilder, reference: Picture, { radius, span }: Arrangement): Node {
  const distance = radius + backdropDistance;
  const width = 2 * distance * Math.tan(span / 2 + 0.1);
  const height = (width * reference.height) / reference.width;
  return builder.createQuad('backdrop', reference, width, height).setTranslation([0, 0, -distance]);
}

class QuadBuilder {
  readonly #document: Document;
  readonly #unlit: KHRMaterialsUnlit;

  constructor(document: Document) {
    this.#document = document;
    this.#unlit = document.createExtension(KHRMaterialsUnlit);
  }

  /** An upright quad that shows the picture's box; its origin is the middle of the lower edge, it faces +z. */
  createQuad(name: string, picture: Picture, width: number, height: number): Node {
    const { asset } = picture;
    return this.#document
      .createNode(name)
      .setMesh(this.#createMesh(name, picture, width, height))
      .setExtras({
        assetId: asset.id,
        ...(asset.name === undefined ? {} : { name: asset.name }),
        sha256: asset.sha256,
        backend: asset.backend,
        model: asset.model,
        seed: asset.seed,
      });
  }

  #createMesh(name: string, picture: Picture, width: number, height: number): Mesh {
    const { box } = picture;
    const [left, right] = [box.left / picture.width, (box.left + box.width) / picture.width];
    const [top, bottom] = [box.top / picture.height, (box.top + box.height) / picture.height];
    const half = width / 2;
    const primitive = this.#document
      .createPrimitive()
      .setAttribute('POSITION', this.#floats('VEC3', [-half, 0, 0, half, 0, 0, half, height, 0, -half, height, 0]))
      .setAttribute('NORMAL', this.#floats('VEC3', [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]))
      .setAttribute('TEXCOORD_0', this.#floats('VEC2', [left, bottom, right, bottom, right, top, left, top]))
      .setIndices(
        this.#document
          .createAccessor()
          .setType('SCALAR')
          .setArray(new Uint16Array([0, 1, 2, 0, 2, 3])),
      )
      .setMaterial(this.#createMaterial(name, picture));
    return this.#document.createMesh(name).addPrimitive(primitive);
  }

  #floats(type: 'VEC2' | 'VEC3', values: readonly number[]): ReturnType<Document['createAccessor']> {
    return this.#document.createAccessor().setType(type).setArray(new Float32Array(values));
  }

  /** Unlit, because the picture has its own light. */
  #createMaterial(name: string, { bytes, mediaType, hasAlpha }: Picture): Material {
    const texture = this.#document.createTexture(name).setImage(bytes).setMimeType(mediaType);
    const material = this.#document
      .createMaterial(name)
      .setBaseColorTexture(texture)
      .setDoubleSided(true)
      .setMetallicFactor(0)
      .setAlphaMode(hasAlpha ? 'BLEND' : 'OPAQUE')
      .setExtension('KHR_materials_unlit', this.#unlit.createUnlit());
    material.getBaseColorTextureInfo()?.setWrapS(clampToEdge).setWrapT(clampToEdge);
    return material;
  }
}
