import {
  AmbientLight,
  CircleGeometry,
  Color,
  DirectionalLight,
  DoubleSide,
  Fog,
  Group,
  Mesh,
  MeshBasicMaterial,
  MeshStandardMaterial,
  PerspectiveCamera,
  PlaneGeometry,
  Scene,
  SRGBColorSpace,
  TextureLoader,
  Vector3,
  WebGLRenderer,
} from 'three';
import type { Material, Texture } from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { labelSprite } from './label-sprite.ts';

/** A cut-out. */
export interface StageCard {
  readonly name: string;
  readonly url: string;
}

/** The stage on its canvas. */
export interface SceneStage {
  /** Replaces the objects on the stage; resolves when all pictures are loaded. */
  show(cards: readonly StageCard[], backdropUrl: string | undefined): Promise<void>;
  /** Moves the view by a key; false if the key has no meaning here. */
  turn(key: string): boolean;
  reset(): void;
  /** Frees everything. */
  close(): void;
}

/** Units are metres, loosely: a cut-out is about 1.6 high. */
const cardSize = 1.6;
const home = new Vector3(0, 1.75, 5.6);
const target = new Vector3(0, 1.15, 0);

/** @throws Error when there is no WebGL. */
export function openSceneStage(canvas: HTMLCanvasElement): SceneStage {
  const renderer = new WebGLRenderer({ canvas, antialias: true });
  renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
  const scene = new Scene();
  const camera = new PerspectiveCamera(42, 1, 0.1, 60);
  const controls = new OrbitControls(camera, canvas);
  controls.minDistance = 2;
  controls.maxDistance = 14;
  controls.maxPolarAngle = Math.PI * 0.49;
  const props = new Group();
  scene.add(props, new AmbientLight(0xffffff, 1.6));
  const lamp = new DirectionalLight(0xffe2b8, 1.8);
  lamp.position.set(3, 6, 4);
  scene.add(lamp);
  const floor = new Mesh(new CircleGeometry(9, 64), new MeshStandardMaterial({ roughness: 0.95 }));
  floor.rotation.x = -Math.PI / 2;
  scene.add(floor);
  const loader = new TextureLoader();
  let isClosed = false;
  let shown = 0;

  const draw = (): void => {
    if (isClosed) return;
    // Cut-outs turn towards the viewer, up to a quarter, so that they are never seen edge-on.
    for (const prop of props.children) {
      if (prop.userData['turns'] !== true) continue;
      const angle = Math.atan2(camera.position.x - prop.position.x, camera.position.z - prop.position.z);
      prop.rotation.y = Math.max(-0.9, Math.min(0.9, angle * 0.6));
    }
    renderer.render(scene, camera);
  };
  const fit = (): void => {
    const { clientWidth, clientHeight } = canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    renderer.setSize(clientWidth, clientHeight, false);
    camera.aspect = clientWidth / clientHeight;
    camera.updateProjectionMatrix();
    draw();
  };
  const paint = (): void => {
    const style = getComputedStyle(canvas);
    const ground = new Color(style.getPropertyValue('--stage-sky').trim() || '#20242e');
    scene.background = ground;
    scene.fog = new Fog(ground, 9, 22);
    floor.material.color.set(style.getPropertyValue('--stage-floor').trim() || '#4a4238');
    draw();
  };
  const reset = (): void => {
    camera.position.copy(home);
    controls.target.copy(target);
    controls.update();
    draw();
  };
  controls.addEventListener('change', draw);
  const resized = new ResizeObserver(fit);
  resized.observe(canvas);
  const themed = new MutationObserver(paint);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  fit();
  paint();
  reset();

  const load = async (url: string): Promise<Texture> => {
    const texture = await loader.loadAsync(url);
    texture.colorSpace = SRGBColorSpace;
    texture.anisotropy = 4;
    return texture;
  };
  const clear = (): void => {
    props.traverse(free);
    props.clear();
  };
  return {
    async show(cards, backdropUrl) {
      const turn = (shown += 1);
      const [backdrop, ...textures] = await Promise.all([
        backdropUrl === undefined ? undefined : load(backdropUrl),
        ...cards.map(({ url }) => load(url)),
      ]);
      if (isClosed || turn !== shown) return;
      clear();
      if (backdrop !== undefined) props.add(backdropOf(backdrop));
      for (const [index, texture] of textures.entries()) {
        const card = cards[index];
        if (texture === undefined || card === undefined) continue;
        props.add(cutOut(texture, card.name, placeOf(index, cards.length)));
      }
      draw();
    },
    turn(key) {
      const step = steps[key];
      if (step === undefined) return false;
      const offset = camera.position.clone().sub(controls.target);
      const [around, up, closer] = step;
      offset.applyAxisAngle(new Vector3(0, 1, 0), around);
      offset.y = Math.max(0.1, offset.y + up);
      offset.multiplyScalar(closer);
      offset.clampLength(controls.minDistance, controls.maxDistance);
      camera.position.copy(controls.target).add(offset);
      controls.update();
      draw();
      return true;
    },
    reset,
    close() {
      isClosed = true;
      resized.disconnect();
      themed.disconnect();
      controls.dispose();
      clear();
      free(floor);
      renderer.dispose();
    },
  };
}

/** Turn, rise, distance. */
const steps: Readonly<Record<string, readonly [number, number, number]>> = {
  ArrowLeft: [-0.12, 0, 1],
  ArrowRight: [0.12, 0, 1],
  ArrowUp: [0, 0.25, 1],
  ArrowDown: [0, -0.25, 1],
  '+': [0, 0, 0.9],
  '=': [0, 0, 0.9],
  '-': [0, 0, 1.1],
};

/** The reference as a painted backdrop. */
function backdropOf(texture: Texture): Mesh {
  const { width, height } = texture.image as { width: number; height: number };
  const high = 5;
  const mesh = new Mesh(
    new PlaneGeometry((high * width) / height, high),
    new MeshBasicMaterial({ map: texture, side: DoubleSide }),
  );
  mesh.position.set(0, high / 2 - 0.2, -3.2);
  return mesh;
}

/** On two arcs: the first half in front. */
function placeOf(index: number, count: number): Vector3 {
  const front = Math.ceil(count / 2);
  const isFront = index < front;
  const inRow = isFront ? front : count - front;
  const at = isFront ? index : index - front;
  const share = inRow === 1 ? 0 : (at / (inRow - 1)) * 2 - 1;
  const spread = Math.min(inRow - 1, 6) * 0.85;
  return new Vector3(share * spread, 0, (isFront ? 1.1 : -1) - Math.abs(share) * 0.5);
}

/** A standing card without its transparent parts. */
function cutOut(texture: Texture, name: string, place: Vector3): Group {
  const group = new Group();
  const { width, height } = texture.image as { width: number; height: number };
  const wide = (cardSize * width) / height;
  const card = new Mesh(
    new PlaneGeometry(wide, cardSize),
    new MeshBasicMaterial({ map: texture, transparent: true, alphaTest: 0.08, side: DoubleSide }),
  );
  // A card leaves some ground around its object.
  card.position.y = cardSize / 2 - cardSize * 0.07;
  const shadow = new Mesh(
    new CircleGeometry(wide * 0.38, 32),
    new MeshBasicMaterial({ color: 0x000000, transparent: true, opacity: 0.28, depthWrite: false }),
  );
  shadow.rotation.x = -Math.PI / 2;
  shadow.position.y = 0.01;
  shadow.scale.set(1, 0.45, 1);
  const label = labelSprite(name);
  label.position.y = cardSize + 0.12;
  group.add(shadow, card, label);
  group.position.copy(place);
  group.userData['turns'] = true;
  return group;
}

function free(object: unknown): void {
  const { geometry, material } = object as {
    geometry?: { dispose(): void };
    material?: Material & { map?: Texture | null };
  };
  geometry?.dispose();
  material?.map?.dispose();
  material?.dispose();
}
