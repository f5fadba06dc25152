import { ImageClient } from '@holodeck/core';
import { comfyuiOptionsFromEnvironment } from './comfyui-environment.ts';
import { createComfyUIBackend } from './comfyui-backend.ts';
import type { ImageClientOptions } from '@holodeck/core';
import type { ComfyUIOptions } from './comfyui-options.ts';

/** Options of `createComfyUIClient`: the backend's and the driver's. Where both have a field, it serves both. */
export interface ComfyUIClientOptions
  extends ComfyUIOptions, Omit<ImageClientOptions, 'internal' | 'logger' | 'maxConcurrent'> {}

/**
 * An `ImageClient` for ComfyUI. Without options it reads `COMFYUI_URL`, `COMFYUI_WORKFLOW`, `COMFYUI_CHECKPOINT` and `COMFYUI_HEADERS`, and
 * falls back to `http://127.0.0.1:8188`. With `url`, `urls` or `workflow` given it reads no environment; other options win over it.
 *
 * @throws ImageError `invalid-request` when options or workflow cannot work.
 */
export function createComfyUIClient(options: ComfyUIClientOptions = {}): ImageClient {
  const {
    url,
    urls,
    headers,
    workflow,
    binding,
    checkpoint,
    sampling,
    previewMethod,
    maxConcurrent,
    interruptAnything,
    network,
    logger,
    internal,
    ...client
  } = options;
  const given = Object.fromEntries(
    Object.entries({
      url,
      urls,
      headers,
      workflow,
      binding,
      checkpoint,
      sampling,
      previewMethod,
      maxConcurrent,
      interruptAnything,
      network,
      logger,
      internal,
    }).filter(([, value]) => value !== undefined),
  ) as ComfyUIOptions;
  const environment = Object.keys(given).some((name) => name === 'url' || name === 'urls' || name === 'workflow')
    ? undefined
    : comfyuiOptionsFromEnvironment();
  const backend = createComfyUIBackend({ ...environment, ...given });
  return new ImageClient(backend, {
    ...client,
    ...(logger === undefined ? {} : { logger }),
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
  });
}
