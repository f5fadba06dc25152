import { takesNegativePrompt } from './family-settings.ts';
import type { FamilySettings } from './family-settings.ts';
import type { Conditioning, GraphDraft, Link, Links } from './graph-draft.ts';
import type { ModelFolder } from './model-families.ts';
import type { ReferenceChoice } from './model-choice.ts';

/** The words and the pictures that are followed. `pictures` are the paths of the inputs that take them. */
export function addReferences(
  draft: GraphDraft,
  links: Links,
  settings: FamilySettings,
  choice: ReferenceChoice,
  count: number,
): { readonly conditioning: Conditioning; readonly pictures: readonly string[] } {
  const images = Array.from({ length: count }, (_, index) =>
    draft.add(`11${index}`, 'LoadImage', 'Reference', { image: '' }),
  );
  const add = choice.model.way === 'latents' ? addLatents : choice.model.way === 'encoder' ? addToEncoder : addVision;
  return {
    conditioning: add(draft, links, settings, choice, images),
    pictures: images.map(([id]) => `${id}.image`),
  };
}

type AddReferences = (
  draft: GraphDraft,
  links: Links,
  settings: FamilySettings,
  choice: ReferenceChoice,
  images: readonly Link[],
) => Conditioning;

/** The pictures as latents beside the words; of another size than the new picture, which begins empty. */
const addLatents: AddReferences = (draft, { clip, vae }, settings, { family }, images) => {
  const words = draft.add('6', 'CLIPTextEncode', 'Positive', { text: '', clip });
  let negative = draft.addNegative(settings, words, 'CLIPTextEncode', { text: '', clip });
  const unseen = negative;
  // FLUX.1 Kontext follows the pictures by the words alone, and FLUX.2 dev has no negative side.
  const bothSides = settings.guidance === undefined;
  const kontext = family === 'flux-kontext';
  let positive = kontext ? words : draft.addGuidance(settings.guidance, words);
  for (const [index, image] of images.entries()) {
    const pixels = kontext
      ? draft.add(`12${index}`, 'FluxKontextImageScale', 'Scale', { image })
      : draft.add(`12${index}`, 'ImageScaleToTotalPixels', 'Scale', {
          image,
          upscale_method: family === 'omnigen2' ? 'area' : 'lanczos',
          megapixels: 1,
          // Later versions refuse the node without it, earlier ones ignore it.
          resolution_steps: 16,
        });
    const latent = draft.add(`13${index}`, 'VAEEncode', 'Encode', { pixels, vae });
    positive = draft.add(`14${index}`, 'ReferenceLatent', 'Follow', { conditioning: positive, latent });
    if (bothSides) {
      negative = draft.add(`24${index}`, 'ReferenceLatent', 'Follow', { conditioning: negative, latent });
    }
  }
  const dual = settings.sampler === 'dual';
  return {
    positive: kontext ? draft.addGuidance(settings.guidance, positive) : positive,
    negative: dual ? unseen : negative,
    ...(dual ? { second: negative } : {}),
    prompt: '6.text',
    ...(takesNegativePrompt(settings) ? { negativePrompt: '7.text' } : {}),
  };
};

/** The text encoder sees the pictures and adds their latents itself. */
const addToEncoder: AddReferences = (draft, { clip, vae }, settings, { family }, images) => {
  const single = family === 'qwen-edit';
  const pictures = single
    ? {
        image: draft.add('120', 'ImageScaleToTotalPixels', 'Scale', {
          image: images[0],
          upscale_method: 'lanczos',
          megapixels: 1,
          resolution_steps: 1,
        }),
      }
    : Object.fromEntries(images.map((image, index) => [`image${index + 1}`, image]));
  const classType = single ? 'TextEncodeQwenImageEdit' : 'TextEncodeQwenImageEditPlus';
  let positive = draft.add('6', classType, 'Positive', { clip, vae, prompt: '', ...pictures });
  // Files that others have made do not say how their references are counted; Krea-2 ignores them without it.
  const counted = family === 'qwen-edit-2511' || family === 'krea2';
  const count = (id: string, conditioning: Link): Link =>
    draft.add(id, 'FluxKontextMultiReferenceLatentMethod', 'Method', {
      conditioning,
      reference_latents_method: 'index_timestep_zero',
    });
  positive = counted ? count('21', positive) : positive;
  const plain = draft.addNegative(settings, positive, classType, { clip, vae, prompt: '', ...pictures });
  return {
    positive,
    negative: counted && takesNegativePrompt(settings) ? count('22', plain) : plain,
    prompt: '6.prompt',
    ...(takesNegativePrompt(settings) ? { negativePrompt: '7.prompt' } : {}),
  };
};

/** An adapter that has looked at one picture: USO, Redux, or SDXL's own. */
const addVision: AddReferences = (draft, { model, clip }, settings, { files, model: { way } }, [image]) => {
  const named = (folder: ModelFolder): string | undefined => files.find((file) => file.folder === folder)?.name;
  const vision = draft.add('30', 'CLIPVisionLoader', 'Vision', { clip_name: named('clip_vision') });
  const seen = draft.add('31', 'CLIPVisionEncode', 'See', { clip_vision: vision, image, crop: 'center' });
  const words = draft.add('6', 'CLIPTextEncode', 'Positive', { text: '', clip });
  const negative = draft.addNegative(settings, words, 'CLIPTextEncode', { text: '', clip });
  const guided = draft.addGuidance(settings.guidance, words);
  const common = {
    negative,
    prompt: '6.text',
    ...(takesNegativePrompt(settings) ? { negativePrompt: '7.text' } : {}),
  };
  if (way === 'uso') {
    const patch = draft.add('40', 'ModelPatchLoader', 'Projector', { name: named('model_patches') });
    const inputs = { model, model_patch: patch, clip_vision_output: seen };
    return { ...common, positive: guided, model: draft.add('41', 'USOStyleReference', 'Follow', inputs) };
  }
  if (way === 'revision') {
    const inputs = { conditioning: guided, clip_vision_output: seen, strength: 0.75, noise_augmentation: 0 };
    return { ...common, positive: draft.add('34', 'unCLIPConditioning', 'Follow', inputs) };
  }
  const style = draft.add('32', 'StyleModelLoader', 'Redux', { style_model_name: named('style_models') });
  const inputs = { conditioning: guided, style_model: style, clip_vision_output: seen };
  return {
    ...common,
    // A low share of attention: at full strength Redux repeats the picture.
    positive: draft.add('33', 'StyleModelApply', 'Follow', { ...inputs, strength: 0.4, strength_type: 'attn_bias' }),
  };
};
