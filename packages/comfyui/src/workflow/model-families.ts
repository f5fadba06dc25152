/** The folders of ComfyUI that models lie in, as `/models` names them. */
export type ModelFolder =
  | 'checkpoints'
  | 'diffusion_models'
  | 'text_encoders'
  | 'vae'
  | 'loras'
  | 'clip_vision'
  | 'style_models'
  | 'model_patches'
  | 'background_removal';

/** Kinds of models whose graphs, files or settings differ. */
export type ModelFamily =
  | 'sd'
  | 'sdxl'
  | 'sd3'
  | 'flux'
  | 'flux-kontext'
  | 'flux2-dev'
  | 'flux2-klein-4b'
  | 'flux2-klein-9b'
  | 'qwen-image'
  | 'qwen-edit'
  | 'qwen-edit-2509'
  | 'qwen-edit-2511'
  | 'firered-edit'
  | 'krea2'
  | 'z-image-turbo'
  | 'omnigen2';

/** A file that a model does not work without. */
export interface NeededFile {
  readonly folder: ModelFolder;
  /** Of the file's name in lower case, without folders. */
  readonly pattern: RegExp;
  /** Its usual name, for people. */
  readonly usual: string;
}

/** What the built-in graphs know of a family. */
export interface FamilyFacts {
  /** For people. */
  readonly name: string;
  /** What a diffusion model needs besides itself: encoders in the order of their loader, then the VAE. */
  readonly needs: readonly NeededFile[];
  /** `CLIPLoader.type`; a server that does not list it does not know the family. */
  readonly encoderType?: string;
  /** A class of nodes that the graphs of this family need beyond those of every server. */
  readonly node?: string;
}

const encoder = (pattern: RegExp, usual: string): NeededFile => ({ folder: 'text_encoders', pattern, usual });
const vae = (pattern: RegExp, usual: string): NeededFile => ({ folder: 'vae', pattern, usual });

const clipL = encoder(/^(?!.*hidream).*clip[-_]?l/, 'clip_l.safetensors');
const t5 = encoder(/t5[-_]?xxl/, 't5xxl_fp8_e4m3fn_scaled.safetensors');
const qwen25 = encoder(/qwen[-_]?2[._]5[-_]?vl[-_]?7b/, 'qwen_2.5_vl_7b_fp8_scaled.safetensors');
const qwen3Small = encoder(/^(?!.*3[-_]?vl).*qwen[-_]?3[-_]?4b/, 'qwen_3_4b.safetensors');
const qwen3Large = encoder(/^(?!.*3[-_]?vl).*qwen[-_]?3[-_]?8b/, 'qwen_3_8b_fp8mixed.safetensors');
const fluxVae = vae(/^ae\./, 'ae.safetensors');
const flux2Vae = vae(/flux[-_.]?2.*vae|full_encoder_small_decoder/, 'flux2-vae.safetensors');
const qwenVae = vae(/^qwen_image_vae/, 'qwen_image_vae.safetensors');

const qwenEdit = { needs: [qwen25, qwenVae], encoderType: 'qwen_image', node: 'TextEncodeQwenImageEditPlus' } as const;
const flux2 = { encoderType: 'flux2', node: 'Flux2Scheduler' } as const;

/** The families that the built-in graphs draw with. File names are those of ComfyUI's own templates. */
export const families: Readonly<Record<ModelFamily, FamilyFacts>> = {
  sd: { name: 'Stable Diffusion', needs: [] },
  sdxl: { name: 'SDXL', needs: [] },
  sd3: { name: 'Stable Diffusion 3', needs: [] },
  flux: { name: 'FLUX.1', needs: [clipL, t5, fluxVae] },
  'flux-kontext': { name: 'FLUX.1 Kontext', needs: [clipL, t5, fluxVae], node: 'FluxKontextImageScale' },
  'flux2-dev': {
    ...flux2,
    name: 'FLUX.2 dev',
    needs: [encoder(/mistral.*(?:flux2|3.?small)/, 'mistral_3_small_flux2_bf16.safetensors'), flux2Vae],
  },
  'flux2-klein-4b': { ...flux2, name: 'FLUX.2 klein 4B', needs: [qwen3Small, flux2Vae] },
  'flux2-klein-9b': { ...flux2, name: 'FLUX.2 klein 9B', needs: [qwen3Large, flux2Vae] },
  'qwen-image': { name: 'Qwen-Image', needs: [qwen25, qwenVae], encoderType: 'qwen_image' },
  'qwen-edit': { ...qwenEdit, name: 'Qwen-Image-Edit', node: 'TextEncodeQwenImageEdit' },
  'qwen-edit-2509': { ...qwenEdit, name: 'Qwen-Image-Edit-2509' },
  'qwen-edit-2511': { ...qwenEdit, name: 'Qwen-Image-Edit-2511' },
  'firered-edit': { ...qwenEdit, name: 'FireRed-Image-Edit' },
  krea2: {
    name: 'Krea-2 Turbo',
    needs: [encoder(/qwen[-_]?3[-_]?vl[-_]?4b/, 'qwen3vl_4b_fp8_scaled.safetensors'), qwenVae],
    encoderType: 'krea2',
  },
  'z-image-turbo': { name: 'Z-Image-Turbo', needs: [qwen3Small, fluxVae], encoderType: 'lumina2' },
  omnigen2: {
    name: 'OmniGen2',
    needs: [encoder(/^(?!.*7b).*qwen[-_]?2[._]5[-_]?vl/, 'qwen_2.5_vl_fp16.safetensors'), fluxVae],
    encoderType: 'omnigen2',
    node: 'DualCFGGuider',
  },
};

/** `other` = of a family that the built-in graphs do not draw with; `special` = made for another purpose, such as inpainting. */
export type UnusedModel = 'other' | 'special';

/** By the file's name; the first that matches counts, so the order is part of the rule. */
const patterns: readonly (readonly [RegExp, ModelFamily | UnusedModel])[] = [
  [/flux[-_.]?3/, 'other'],
  [/flux[-_.]?2.*klein.*9b/, 'flux2-klein-9b'],
  [/flux[-_.]?2.*klein/, 'flux2-klein-4b'],
  [/flux[-_.]?2/, 'flux2-dev'],
  [/qwen.?image.?2[._]1|qwen.*layered/, 'other'],
  [/qwen.*edit.*2511/, 'qwen-edit-2511'],
  [/qwen.*edit.*2509|qwen.*rapid.*aio/, 'qwen-edit-2509'],
  [/firered.*edit/, 'firered-edit'],
  [/qwen.*edit/, 'qwen-edit'],
  [/kontext/, 'flux-kontext'],
  [/krea[-_]?2.*turbo/, 'krea2'],
  [/omnigen[-_]?2/, 'omnigen2'],
  [/z[-_]?image.*turbo/, 'z-image-turbo'],
  [/krea[-_]?2|z[-_]?image|longcat|boogu|mage[-_]flow|joy(?:ai)?[-_]?image|hidream|chroma(?!tic)|hunyuan/, 'other'],
  [/(?<![a-z])(?:lumina|ovis)|auraflow|pixart|cosmos[-_.]?(?:predict|\d)|cascade|ideogram|minimax|kandinsky/, 'other'],
  [/cogv|bernini|wan[-_]?2|photomaker|unclip|step1x|omnigen/, 'other'],
  [/refiner|inpaint|upscal|svd|video|ltx|mochi|audio|3d|stable.?zero|zero123|edit|fill|canny|depth/, 'special'],
  [/flux/, 'flux'],
  [/qwen/, 'qwen-image'],
  [/sd[-_. ]?3|stable-?diffusion-?3/, 'sd3'],
  [/xl|pony|illustrious|noobai|animagine/, 'sdxl'],
];

/** The last part of a name, in lower case; Windows servers list folders with a backslash. */
export function baseName(file: string): string {
  return file.toLowerCase().split(/[/\\]/).at(-1)!;
}

/** A file's name without folders and extension. */
export function stem(file: string): string {
  return file
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.(?:safetensors|ckpt|pt|pth|sft|gguf|bin)$/i, '');
}

/**
 * The family of a model, by its file's name. A name that says nothing is Stable Diffusion 1 or 2 among checkpoints, where most of
 * them are, and unknown among diffusion models.
 */
export function familyOf(file: string, folder: 'checkpoints' | 'diffusion_models'): ModelFamily | UnusedModel {
  const name = baseName(file);
  const family = patterns.find(([pattern]) => pattern.test(name))?.[1] ?? 'sd';
  // Without text encoder and VAE these are not usual, and nothing tells which files would fit.
  const alone = family === 'sd' || family === 'sdxl' || family === 'sd3';
  return folder === 'diffusion_models' && alone ? 'other' : family;
}

/** The family of a checkpoint that was made for a special purpose, as far as its name goes. */
export function plainFamilyOf(name: string): 'sd' | 'sdxl' {
  return /xl/i.test(name) ? 'sdxl' : 'sd';
}

/** Among several families that draw a scene, the first that is there. Those that can make its cards too come first. */
export const sceneOrder: readonly ModelFamily[] = [
  'flux2-klein-9b',
  'flux2-dev',
  'flux2-klein-4b',
  'krea2',
  'flux',
  'qwen-image',
  'z-image-turbo',
  'sd3',
  'sdxl',
  'sd',
  'qwen-edit-2511',
  'firered-edit',
  'qwen-edit-2509',
  'flux-kontext',
  'omnigen2',
  'qwen-edit',
];
