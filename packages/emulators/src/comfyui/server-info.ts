/** Answers that describe the server. */
import type { ComfyUIModels, ComfyUISettings, Version } from './comfyui-settings.ts';

/** `/features`, and the reply to `feature_flags`. */
export function features(version: Version, maxUploadBytes: number): Record<string, unknown> {
  const old = { supports_preview_metadata: true, max_upload_size: maxUploadBytes };
  return version.atLeast(0, 5)
    ? {
        supports_preview_metadata: true,
        supports_model_type_tags: true,
        max_upload_size: maxUploadBytes,
        extension: { manager: { supports_v4: true } },
        node_replacements: true,
        assets: false,
      }
    : old;
}

/** `/system_stats`. */
export function systemStats({ version, device }: ComfyUISettings): Record<string, unknown> {
  const memory = { vram_total: 25_276_510_208, vram_free: 24_445_587_456 };
  return {
    system: {
      os: 'linux',
      ram_total: 25_276_510_208,
      ram_free: 24_445_587_456,
      comfyui_version: version,
      required_frontend_version: '1.49.6',
      python_version: '3.13.5 (an emulator, not Python)',
      pytorch_version: '2.6.0',
      embedded_python: false,
      deploy_environment: 'emulator',
      argv: ['main.py', '--emulator'],
    },
    devices: [
      {
        name: 'emulator',
        type: device,
        index: device === 'cpu' ? null : 0,
        ...memory,
        torch_vram_total: memory.vram_total,
        torch_vram_free: memory.vram_free,
      },
    ],
  };
}

/** Folders of `/models` and the files in them. */
export function modelFolders(models: Partial<ComfyUIModels>): Readonly<Record<string, readonly string[]>> {
  return {
    checkpoints: models.checkpoints ?? [],
    configs: [],
    loras: models.loras ?? [],
    vae: models.vae ?? [],
    text_encoders: models.text_encoders ?? [],
    diffusion_models: models.diffusion_models ?? [],
    clip_vision: models.clip_vision ?? [],
    style_models: models.style_models ?? [],
    model_patches: models.model_patches ?? [],
    background_removal: models.background_removal ?? [],
    embeddings: [],
    controlnet: models.controlnet ?? [],
    upscale_models: [],
  };
}

/** The files of a folder with their sizes, as `/experiment/models/{folder}` lists them. */
export function describeFiles(
  files: readonly string[],
  sizes: ComfyUISettings['modelBytes'],
): readonly Record<string, unknown>[] {
  return files.map((name) => ({ name, pathIndex: 0, modified: 0, created: 0, size: sizes[name] ?? 1 }));
}
