import { ImageClient } from '@holodeck/core';
import { comfyuiOptionsFromEnvironment } from './comfyui-environment.ts';
import { createComfyUIBackend } from './comfyui-backend.ts';
import type { ImageClientOptions } from '@holodeck/core';
import type { ComfyUIOptions } from './comfyui-options.ts';

/** Options of `createComfyUIClient`: the backend's and the driver's. Where both have a field, it serves both. */
export interface ComfyUIClientOptions
  extends ComfyUIOptions, Omit<ImageClientOptions, 'internal' | 'logger' | 'maxConcurrent'> {}

/**
 * An `ImageClient` for ComfyUI. Without options it reads `COMFYUI_URL`, `COMFYUI_WORKFLOW`, `COMFYUI_CHECKPOINT`, `COMFYUI_TIMEOUT_MS`
 * and `COMFYUI_HEADERS`, and falls back to `http://127.0.0.1:8188`. With `url`, `urls` or `workflow` given it reads no environment; other options win over it.
 *
 * @throws ImageError `invalid-request` when options or workflow cannot work.
 */
export function createComfyUIClient(options: ComfyUIClientOptions = {}): ImageClient {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const forBackend = Object.fromEntries(given.filter(([name]) => backendOptions.has(name))) as ComfyUIOptions;
  const forClient = Object.fromEntries(given.filter(([name]) => !backendOptions.has(name) || shared.has(name)));
  const { url, urls, workflow } = forBackend;
  const { timeoutMs, ...environment } =
    ((url ?? urls ?? workflow) === undefined && comfyuiOptionsFromEnvironment()) || {};
  const timed = timeoutMs === undefined ? {} : { timeoutMs };
  return new ImageClient(createComfyUIBackend({ ...environment, ...forBackend }), { ...timed, ...forClient });
}

const shared: ReadonlySet<string> = new Set(['logger', 'maxConcurrent']);

/** Named one by one: what is not among them is the driver's. */
const backendOptions: ReadonlySet<string> = new Set<keyof ComfyUIOptions>([
  'url',
  'urls',
  'headers',
  'workflow',
  'binding',
  'checkpoint',
  'sampling',
  'previewMethod',
  'maxConcurrent',
  'interruptAnything',
  'network',
  'logger',
  'internal',
]);
