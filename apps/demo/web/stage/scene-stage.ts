import { Color, DirectionalLight, Group, HemisphereLight, PerspectiveCamera, Scene, Vector3 } from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { loadBackdrop, loadBody, jpegOf } from './load-picture.ts';
import type { Backdrop, Body } from './load-picture.ts';
import { openRenderer } from './resolution.ts';
import { StageLabels } from './stage-labels.ts';
import { layOut, stageHeight } from './stage-layout.ts';
import type { Place } from './stage-layout.ts';
import type { GlbPart } from './write-glb.ts';
import { free, standingBody, surroundings, wallOf } from './stage-set.ts';

/** A card for the stage. */
export interface StageObject {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** Usual height of such a thing, if known. */
  readonly heightMeters: number | undefined;
}

/** The stage on its canvas. */
export interface SceneStage {
  /** Replaces the objects on the stage; resolves when all can be seen. */
  show(objects: readonly StageObject[], backdropUrl: string | undefined): Promise<void>;
  /** Moves the view by a key; false if the key has no meaning here. */
  turn(key: string): boolean;
  reset(): void;
  /** The scene, or one object of it, as a binary glTF file. */
  glb(id?: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Frees everything. */
  close(): void;
}

interface Standing {
  readonly object: StageObject;
  readonly body: Body;
  readonly place: Place;
  readonly scale: number;
}

interface Turning {
  /** Stops it: the view belongs to the user now. */
  readonly touch: () => void;
  /** Only what is shown turns. */
  readonly start: () => void;
  readonly stop: () => void;
  readonly isTurning: () => boolean;
  readonly wasTouched: () => boolean;
}

const fieldOfView = 36;
const farthest = 60;
/** Radians to either side, and radians a second at most. */
const swing = 0.45;
const swingSpeed = 0.28;

/**
 * Opens a stage. Its view turns slowly until it is touched.
 *
 * @param layer Lies over the canvas, for the names.
 * @throws Error when there is no WebGL.
 */
export function openSceneStage(canvas: HTMLCanvasElement, layer: HTMLElement, isTurning: boolean): SceneStage {
  const renderer = openRenderer(
    canvas,
    () => turning.isTurning(),
    () => draw(),
  );
  const labels = new StageLabels(layer);
  const scene = new Scene();
  const camera = new PerspectiveCamera(fieldOfView, 1, 0.1, 100);
  const controls = new OrbitControls(camera, canvas);
  controls.enablePan = false;
  controls.maxPolarAngle = Math.PI * 0.49;
  const lamp = new DirectionalLight(0xfff1dc, 1.7);
  lamp.position.set(-3, 6, 6);
  const set = new Group();
  scene.add(set, lamp, new HemisphereLight(0xffffff, 0xc9b8a4, 2.1));
  const bodies = new Map<string, Body>();
  let standing: readonly Standing[] = [];
  let backdrop: Backdrop | undefined;
  let radius = 4;
  let isClosed = false;
  let shown = 0;

  const draw = (): void => {
    if (isClosed) return;
    renderer.render(scene, camera);
    const { clientWidth, clientHeight } = canvas;
    const points = standing.map(({ object: { id, name }, body, place, scale }) => {
      const top = new Vector3(place.x, body.mesh.height * scale + 0.06, place.z);
      const distance = top.distanceTo(camera.position);
      const { x, y } = top.project(camera);
      return { id, name, distance, x: ((x + 1) / 2) * clientWidth, y: ((1 - y) / 2) * clientHeight };
    });
    labels.place(points);
  };
  const turning = startTurning(canvas, isTurning, renderer.frameMs, (angle) => {
    const { x, z } = controls.target;
    const away = Math.hypot(camera.position.x - x, camera.position.z - z);
    camera.position.set(x + Math.sin(angle) * away, camera.position.y, z + Math.cos(angle) * away);
    controls.update();
  });
  const styleOf = (name: string): string => getComputedStyle(canvas).getPropertyValue(name).trim();
  const paint = (): void => {
    const sky = new Color(styleOf('--stage-sky'));
    scene.background = backdrop === undefined ? sky : sky.lerp(new Color(backdrop.sky), 0.55);
    set.traverse(free);
    set.clear();
    set.add(surroundings(backdrop, radius, styleOf('--stage-floor')));
    for (const { body, place, scale } of standing) set.add(standingBody(body, place, scale));
    draw();
  };
  /** Whether all objects are in the picture, however far the view turns. */
  const seesAll = (level: number, away: number): boolean =>
    [-swing, 0, swing].every((angle) => {
      lookFrom(angle, level, away);
      return standing.every(({ body: { mesh }, place, scale }) => {
        const [wide, deep] = [(mesh.width * scale) / 2, (mesh.depth * scale) / 2];
        return [0, 1, 2, 3].every((corner) => {
          const x = place.x + (corner % 2 === 0 ? wide : -wide);
          const z = place.z + (corner < 2 ? deep : -deep);
          return [-0.1, mesh.height * scale + 0.3].every((y) => {
            const seen = new Vector3(x, y, z).project(camera);
            return Math.abs(seen.x) < 0.96 && Math.abs(seen.y) < 0.96;
          });
        });
      });
    });
  const lookFrom = (angle: number, level: number, away: number): void => {
    controls.target.set(0, level, 0);
    camera.position.set(Math.sin(angle) * away, level + away * 0.24, Math.cos(angle) * away);
    camera.lookAt(controls.target);
    camera.updateMatrixWorld();
  };
  const reset = (): void => {
    const half = Math.tan((fieldOfView / 2) * (Math.PI / 180));
    const high = Math.max(1.2, ...standing.map(({ body, scale }) => body.mesh.height * scale));
    let away = high / half;
    // The objects stand in the lower half, whatever the form of the window.
    const level = (): number => Math.max(high * 0.5, half * away * 0.4);
    while (away < farthest && !seesAll(level(), away)) away *= 1.06;
    controls.minDistance = away * 0.3;
    controls.maxDistance = away * 2;
    lookFrom(0, level(), away);
    controls.update();
    draw();
  };
  const fit = (): void => {
    const { clientWidth, clientHeight } = canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    renderer.setSize(clientWidth, clientHeight, false);
    camera.aspect = clientWidth / clientHeight;
    camera.updateProjectionMatrix();
    if (turning.wasTouched()) draw();
    else reset();
  };
  controls.addEventListener('change', () => {
    renderer.moved();
    draw();
  });
  const resized = new ResizeObserver(fit);
  resized.observe(canvas);
  const themed = new MutationObserver(paint);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  fit();
  paint();

  return {
    async show(objects, backdropUrl) {
      const turn = (shown += 1);
      const [loadedBackdrop, loaded] = await Promise.all([
        backdropUrl === undefined ? undefined : loadBackdrop(backdropUrl),
        loadBodies(objects, bodies),
      ]);
      if (isClosed || turn !== shown) return;
      backdrop = loadedBackdrop;
      const sized = loaded.map(({ object, body }) => {
        // Things that lie are wide: their width counts too, or they would cover the stage.
        const scale = stageHeight(object.heightMeters) / Math.max(body.mesh.height, body.mesh.width * 0.85, 0.05);
        return { object, body, scale };
      });
      const places = layOut(
        sized.map(({ body: { mesh }, scale }) => ({
          width: mesh.width * scale,
          depth: mesh.depth * scale,
          height: mesh.height * scale,
        })),
      );
      standing = sized.map((one, index) => ({ ...one, place: places[index] ?? { x: 0, z: 0 } }));
      radius = Math.max(3.4, ...places.map(({ x, z }) => Math.hypot(x, z) + 2));
      paint();
      if (!turning.wasTouched()) reset();
      turning.start();
    },
    turn(key) {
      const step = steps[key];
      if (step === undefined) return false;
      turning.touch();
      const offset = camera.position.clone().sub(controls.target);
      const [around, up, closer] = step;
      offset.applyAxisAngle(new Vector3(0, 1, 0), around);
      offset.y = Math.max(0.1, offset.y + up);
      offset.multiplyScalar(closer);
      offset.clampLength(controls.minDistance, controls.maxDistance);
      camera.position.copy(controls.target).add(offset);
      controls.update();
      return true;
    },
    reset,
    async glb(id) {
      const { writeGlb } = await import('./write-glb.ts');
      const chosen = standing.filter(({ object }) => id === undefined || object.id === id);
      const parts: GlbPart[] = await Promise.all(
        chosen.map(async ({ object, body, place, scale }) => ({
          name: object.name,
          mesh: body.mesh,
          picture: await jpegOf(body.picture),
          position: id === undefined ? ([place.x, 0, place.z] as const) : ([0, 0, 0] as const),
          scale,
        })),
      );
      if (id === undefined && backdrop !== undefined) {
        const picture = await jpegOf(backdrop.picture);
        parts.push({ name: 'backdrop', mesh: wallOf(backdrop, radius), picture, position: [0, 0, 0], scale: 1 });
      }
      return writeGlb(parts);
    },
    close() {
      isClosed = true;
      turning.stop();
      renderer.close();
      resized.disconnect();
      themed.disconnect();
      controls.dispose();
      set.traverse(free);
      labels.clear();
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

/** Inflates what is new, one body at a time so that the page stays responsive. A picture that cannot be loaded has no body. */
async function loadBodies(
  objects: readonly StageObject[],
  known: Map<string, Body>,
): Promise<readonly { readonly object: StageObject; readonly body: Body }[]> {
  const loaded: { readonly object: StageObject; readonly body: Body }[] = [];
  for (const object of objects) {
    const body = known.get(object.url) ?? (await loadBody(object.url).catch(() => undefined));
    if (body === undefined || body.mesh.indices.length === 0) continue;
    known.set(object.url, body);
    loaded.push({ object, body });
  }
  const used = new Set(objects.map(({ url }) => url));
  for (const url of known.keys()) if (!used.has(url)) known.delete(url);
  return loaded;
}

/** Calls back with the angle of the view, while the canvas can be seen, until it is touched. */
function startTurning(
  canvas: HTMLCanvasElement,
  isWanted: boolean,
  frameMs: number,
  turnTo: (angle: number) => void,
): Turning {
  let frame = 0;
  let [seconds, before, next] = [0, 0, 0];
  let isTouched = false;
  const step = (now: number): void => {
    frame = requestAnimationFrame(step);
    if (now < next) return;
    // After a pause the view continues where it was.
    seconds += Math.min(now - before, 100) / 1000;
    before = now;
    const startedAt = performance.now();
    turnTo(swing * Math.sin(seconds * (swingSpeed / swing)));
    next = now + Math.max(frameMs, 2 * (performance.now() - startedAt));
  };
  const seen = new IntersectionObserver((entries) => {
    cancelAnimationFrame(frame);
    if (entries.at(-1)?.isIntersecting === true) frame = requestAnimationFrame(step);
  });
  const stop = (): void => {
    seen.disconnect();
    cancelAnimationFrame(frame);
    delete canvas.dataset['turning'];
  };
  const touch = (): void => {
    isTouched = true;
    stop();
  };
  for (const kind of ['pointerdown', 'wheel'] as const) canvas.addEventListener(kind, touch, { passive: true });
  const start = (): void => {
    if (!isWanted || isTouched) return;
    canvas.dataset['turning'] = 'true';
    seen.observe(canvas);
  };
  return {
    touch,
    start,
    stop,
    isTurning: () => canvas.dataset['turning'] !== undefined,
    wasTouched: () => isTouched,
  };
}
