import { baseName } from './model-families.ts';
import type { ModelChoice } from './model-choice.ts';
import type { ModelFamily } from './model-families.ts';
import type { SamplingOptions } from '../comfyui-options.ts';

/** How a family is sampled. */
export interface FamilySettings {
  readonly steps: number;
  /** With 1 the sampler does not look at the negative prompt. */
  readonly cfg: number;
  readonly samplerName: string;
  readonly scheduler: string;
  readonly latent: 'EmptyLatentImage' | 'EmptySD3LatentImage' | 'EmptyFlux2LatentImage';
  /** `FluxGuidance.guidance`, for models that were trained with one. */
  readonly guidance?: number;
  /** `ModelSamplingAuraFlow.shift`. */
  readonly shift?: number;
  /** Whether `CFGNorm` goes before the sampler. */
  readonly normed?: true;
  /** `flux2`: a scheduler of its own, that knows the size; `dual`: a guider with two scales. Else one `KSampler`. */
  readonly sampler?: 'flux2' | 'dual';
}

const euler = { samplerName: 'euler', scheduler: 'simple', latent: 'EmptySD3LatentImage' } as const;
const flux2 = { ...euler, latent: 'EmptyFlux2LatentImage', sampler: 'flux2' } as const;
const qwenEdit = { ...euler, normed: true } as const;

/** What the makers of these models recommend (model cards, and ComfyUI's own templates and blueprints). */
const recommended: Readonly<Record<ModelFamily, FamilySettings>> = {
  sd: { steps: 25, cfg: 7, samplerName: 'dpmpp_2m', scheduler: 'karras', latent: 'EmptyLatentImage' },
  sdxl: { steps: 28, cfg: 6, samplerName: 'dpmpp_2m', scheduler: 'karras', latent: 'EmptyLatentImage' },
  sd3: { steps: 28, cfg: 4.5, samplerName: 'dpmpp_2m', scheduler: 'sgm_uniform', latent: 'EmptySD3LatentImage' },
  flux: { ...euler, steps: 20, cfg: 1, guidance: 3.5 },
  'flux-kontext': { ...euler, steps: 20, cfg: 1, guidance: 2.5 },
  'flux2-dev': { ...flux2, steps: 20, cfg: 1, guidance: 4 },
  'flux2-klein-4b': { ...flux2, steps: 4, cfg: 1 },
  'flux2-klein-9b': { ...flux2, steps: 4, cfg: 1 },
  'qwen-image': { ...euler, steps: 20, cfg: 2.5, shift: 3.1 },
  'qwen-edit': { ...qwenEdit, steps: 20, cfg: 2.5, shift: 3 },
  'qwen-edit-2509': { ...qwenEdit, steps: 20, cfg: 2.5, shift: 3 },
  'qwen-edit-2511': { ...qwenEdit, steps: 20, cfg: 4, shift: 3.1 },
  'firered-edit': { ...qwenEdit, steps: 40, cfg: 4, shift: 3.1 },
  krea2: { ...euler, latent: 'EmptyLatentImage', steps: 8, cfg: 1 },
  'z-image-turbo': { ...euler, samplerName: 'res_multistep', steps: 8, cfg: 1, shift: 3 },
  omnigen2: { ...euler, steps: 20, cfg: 5, sampler: 'dual' },
};

/** Models that were trained to do with few steps are named so. */
const distilled = /lightning|turbo|hyper|[48][-_ ]?steps?/;

/** The settings of a model: its family's, those of its kind, then the caller's. */
export function settingsFor({ family, files }: ModelChoice, sampling: SamplingOptions): FamilySettings {
  const { denoise: _denoise, ...own } = sampling;
  return { ...recommended[family], ...ofKind(family, baseName(files[0]!.name)), ...own };
}

function ofKind(family: ModelFamily, name: string): Partial<FamilySettings> {
  if (family === 'flux2-klein-4b' || family === 'flux2-klein-9b') {
    return /base/.test(name) ? { steps: 20, cfg: 5 } : {};
  }
  if (/schnell/.test(name)) {
    return { steps: 4 };
  }
  if (family === 'krea2' || family === 'z-image-turbo' || family === 'sd' || !distilled.test(name)) {
    return {};
  }
  if (family === 'sdxl') {
    return { steps: 8, cfg: 1.5, samplerName: 'euler', scheduler: 'sgm_uniform' };
  }
  const steps = /([48])[-_ ]?steps?/.exec(name)?.[1];
  return { steps: steps === undefined ? (/turbo/.test(name) ? 8 : 4) : Number(steps), cfg: 1 };
}

/** Whether a negative prompt has an effect: the guider of FLUX.2 dev has no place for it. */
export function takesNegativePrompt({ cfg, sampler, guidance }: FamilySettings): boolean {
  return cfg !== 1 && !(sampler === 'flux2' && guidance !== undefined);
}
