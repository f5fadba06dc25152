import { WebGLRenderer } from 'three';

/** A renderer's reaction to movement. */
interface Resolution {
  /** Milliseconds between two frames of a view that turns by itself. */
  readonly frameMs: number;
  /** Called for every change of the view. */
  readonly moved: () => void;
  /** Ends what is left to draw. */
  readonly close: () => void;
}

/** Of the screen's pixels, where the processor draws: at rest, where more pixels stand for smooth edges, and at most and at least while the picture moves. */
const [smooth, coarse, coarsest] = [1.5, 0.5, 0.3];
/** A frame that takes more milliseconds has too many pixels. */
const slowMs = 75;
/** The view is at rest after so many milliseconds. */
const restMs = 400;

/**
 * Opens a renderer that draws as fine as the screen is. Without a graphics processor that takes too long for a picture that moves:
 * then it is coarse until the view rests.
 *
 * @param draw Draws again.
 * @throws Error when there is no WebGL.
 */
export function openRenderer(
  canvas: HTMLCanvasElement,
  isTurning: () => boolean,
  draw: () => void,
): WebGLRenderer & Resolution {
  const screen = Math.min(devicePixelRatio, 2);
  const isSlow = drawsBySoftware();
  const renderer = new WebGLRenderer({ canvas, antialias: !isSlow });
  const fine = isSlow ? screen * smooth : screen;
  renderer.setPixelRatio(fine);
  let resting: ReturnType<typeof setTimeout> | undefined;
  let moving = coarse;
  let movedAt = 0;
  const rest = (): void => {
    if (isTurning()) return;
    renderer.setPixelRatio(fine);
    draw();
  };
  return Object.assign(renderer, {
    // Frames that queue up would keep the page waiting.
    frameMs: isSlow ? 50 : 33,
    moved() {
      if (!isSlow) return;
      clearTimeout(resting);
      resting = setTimeout(rest, restMs);
      const lastedMs = performance.now() - movedAt;
      movedAt += lastedMs;
      if (lastedMs > slowMs && lastedMs < restMs) moving = Math.max(coarsest, moving * 0.95);
      if (renderer.getPixelRatio() !== screen * moving) renderer.setPixelRatio(screen * moving);
    },
    close: () => clearTimeout(resting),
  });
}

function drawsBySoftware(): boolean {
  const context = new OffscreenCanvas(1, 1).getContext('webgl2');
  const names = context?.getExtension('WEBGL_debug_renderer_info');
  const name = names ? String(context?.getParameter(names.UNMASKED_RENDERER_WEBGL)) : '';
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}
