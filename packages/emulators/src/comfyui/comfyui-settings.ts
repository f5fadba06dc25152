/** What can be changed while the emulator runs: by `set()`, or by the control endpoint's `settings`. */
import { isRecord } from '../base/is-record.ts';
import type { Duration } from '../base/random.ts';
import { duration, isAmount, milliseconds, onOrOff, optionalBytes } from '../base/settings.ts';
import type { SettingRules } from '../base/settings.ts';

/** Model files that the server lists, by the folder of ComfyUI that they lie in. */
export interface ComfyUIModels {
  checkpoints: readonly string[];
  diffusion_models: readonly string[];
  text_encoders: readonly string[];
  vae: readonly string[];
  loras: readonly string[];
  controlnet: readonly string[];
  clip_vision: readonly string[];
  style_models: readonly string[];
  model_patches: readonly string[];
  background_removal: readonly string[];
}

/** How the emulator of ComfyUI behaves; all may be changed while it runs. */
export interface ComfyUISettings {
  /** How long a job's slowest node takes (its sampler, else its first node), in milliseconds. Default 300. */
  jobMs: Duration;
  /** The version that the server says it has and behaves like; 0.3.45 or later. Default 0.33.0. */
  version: string;
  /** Jobs do not start while this is set; they wait in the queue. Default false. */
  paused: boolean;
  /** From `execution_success` until the job is in the history, in milliseconds. Default 1. */
  historyGapMs: number;
  /** Whether closing a socket forgets its client id although a newer socket has it too, as the real server does. Default true. */
  clientIdBug: boolean;
  /** The server's own preview method. Default `none`. */
  previewMethod: 'none' | 'latent2rgb' | 'taesd' | 'auto';
  /** `last`: results of the last graph are used again (the real default). `none`: each job runs every node. */
  cache: 'last' | 'none';
  /** Answers to larger requests are 413. In bytes; default 100 MiB. */
  maxUploadBytes: number;
  /** Makes each saved picture's file this long. Default: as painted. */
  imageBytes: number | undefined;
  /** The model files. Default: one checkpoint. */
  models: Partial<ComfyUIModels>;
  /** Sizes of model files, by file; those that are not named have one byte. Default: none. */
  modelBytes: Readonly<Record<string, number>>;
  /** What it draws on: `cpu` has no memory but the server's RAM. Default `cpu`. */
  device: 'cpu' | 'cuda';
  /** Hashes that the headers of model files name, by file. Default: none. */
  modelHashes: Readonly<Record<string, string>>;
}

export const defaultSettings: ComfyUISettings = {
  jobMs: 300,
  version: '0.33.0',
  paused: false,
  historyGapMs: 1,
  clientIdBug: true,
  previewMethod: 'none',
  cache: 'last',
  maxUploadBytes: 104_857_600,
  imageBytes: undefined,
  models: { checkpoints: ['emulator-checkpoint.safetensors'] },
  modelHashes: {},
  modelBytes: {},
  device: 'cpu',
};

const folders: readonly string[] = [
  'checkpoints',
  'diffusion_models',
  'text_encoders',
  'vae',
  'loras',
  'controlnet',
  'clip_vision',
  'style_models',
  'model_patches',
  'background_removal',
];

/** What each setting may be. */
export const comfyuiRules: SettingRules<ComfyUISettings> = {
  jobMs: duration,
  version: [(value) => typeof value === 'string' && /^\d+\.\d+\.\d+$/.test(value), 'such as "0.33.0"'],
  paused: onOrOff,
  historyGapMs: milliseconds,
  clientIdBug: onOrOff,
  previewMethod: [
    (value) => ['none', 'latent2rgb', 'taesd', 'auto'].includes(String(value)),
    'none, latent2rgb, taesd or auto',
  ],
  cache: [(value) => value === 'last' || value === 'none', '"last" or "none"'],
  maxUploadBytes: [isAmount, 'a number of bytes'],
  imageBytes: optionalBytes,
  modelHashes: [isRecord, 'hashes by file name'],
  modelBytes: [isRecord, 'bytes by file name'],
  device: [(value) => value === 'cpu' || value === 'cuda', '"cpu" or "cuda"'],
  models: [isModels, `lists of file names by folder: ${folders.join(', ')}`],
};

function isModels(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return Object.entries(value).every(
    ([folder, files]) =>
      folders.includes(folder) && Array.isArray(files) && files.every((file) => typeof file === 'string'),
  );
}

/** The server's version as something to compare: what changed in which release. */
export class Version {
  readonly #parts: readonly number[];

  constructor(text: string) {
    this.#parts = text.split('.').map(Number);
  }

  /** Whether it is this version or a later one. */
  atLeast(...parts: readonly number[]): boolean {
    for (const [index, want] of parts.entries()) {
      const have = this.#parts[index] ?? 0;
      if (have !== want) return have > want;
    }
    return true;
  }
}
