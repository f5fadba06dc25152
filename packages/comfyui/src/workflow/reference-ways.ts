import type { ModelFamily, NeededFile } from './model-families.ts';

/** How a model is made to follow a reference picture. */
export type ReferenceWay =
  /** The picture as latents beside the text: edit models, and FLUX.2. */
  | 'latents'
  /** The text encoder sees the picture: Qwen-Image-Edit, and Krea-2 with its LoRA. */
  | 'encoder'
  | 'uso'
  | 'redux'
  | 'revision';

/** A model that follows reference pictures, and what it needs for that beyond drawing. */
export interface ReferenceModel {
  readonly family: ModelFamily;
  readonly way: ReferenceWay;
  /** Pictures of one job. */
  readonly maxReferences: number;
  readonly needs: readonly NeededFile[];
  readonly node?: string;
  /** It keeps too much of the picture to be used without being asked for. */
  readonly weak?: true;
}

const sigclip: NeededFile = {
  folder: 'clip_vision',
  pattern: /sigc?lip/,
  usual: 'sigclip_vision_patch14_384.safetensors',
};

/** Models that follow a reference picture, the best first. */
export const referenceModels: readonly ReferenceModel[] = [
  {
    family: 'krea2',
    way: 'encoder',
    maxReferences: 3,
    needs: [{ folder: 'loras', pattern: /krea[-_]?2.*style.*ref/, usual: 'krea2_style_reference.safetensors' }],
    node: 'FluxKontextMultiReferenceLatentMethod',
  },
  { family: 'flux2-klein-9b', way: 'latents', maxReferences: 4, needs: [] },
  { family: 'flux2-dev', way: 'latents', maxReferences: 6, needs: [] },
  { family: 'flux2-klein-4b', way: 'latents', maxReferences: 4, needs: [] },
  { family: 'qwen-edit-2511', way: 'encoder', maxReferences: 3, needs: [] },
  { family: 'firered-edit', way: 'encoder', maxReferences: 3, needs: [] },
  { family: 'qwen-edit-2509', way: 'encoder', maxReferences: 3, needs: [] },
  { family: 'flux-kontext', way: 'latents', maxReferences: 1, needs: [] },
  {
    family: 'flux',
    way: 'uso',
    maxReferences: 1,
    needs: [
      { folder: 'loras', pattern: /uso/, usual: 'uso-flux1-dit-lora-v1.safetensors' },
      { folder: 'model_patches', pattern: /uso/, usual: 'uso-flux1-projector-v1.safetensors' },
      sigclip,
    ],
    node: 'USOStyleReference',
  },
  { family: 'omnigen2', way: 'latents', maxReferences: 2, needs: [] },
  { family: 'qwen-edit', way: 'encoder', maxReferences: 1, needs: [] },
  {
    family: 'flux',
    way: 'redux',
    maxReferences: 1,
    needs: [{ folder: 'style_models', pattern: /redux/, usual: 'flux1-redux-dev.safetensors' }, sigclip],
    weak: true,
  },
  {
    family: 'sdxl',
    way: 'revision',
    maxReferences: 1,
    needs: [{ folder: 'clip_vision', pattern: /clip_vision_g|bigg/, usual: 'clip_vision_g.safetensors' }],
    weak: true,
  },
];
