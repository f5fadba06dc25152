/** What loaders, guiders and the nodes that follow or cut out pictures do. */
import { paintedImage } from '../node-values.ts';
import type { ConditioningValue, NodeValue } from '../node-values.ts';
import { encoderKind, modelKind, vaeKind } from './model-kinds.ts';
import { guide, image, passed, text } from './run-inputs.ts';
import type { NodeOutcome, NodeRun } from './run-inputs.ts';

const other: NodeValue = { kind: 'other' };
const one = (value: NodeValue): NodeOutcome => ({ values: [value] });

/** Runs a node that has to do with models; any other gives values that are only passed on. */
export function runModelNode(run: NodeRun): NodeOutcome {
  switch (run.classType) {
    case 'CheckpointLoaderSimple': {
      const model = modelKind(text(run, 'ckpt_name'));
      const { encoder, vae } = model;
      return {
        values: [
          { kind: 'other', model },
          { kind: 'other', ...(encoder === undefined ? {} : { encoder }) },
          { kind: 'other', ...(vae === undefined ? {} : { vae }) },
        ],
      };
    }
    case 'UNETLoader':
      return one({ kind: 'other', model: modelKind(text(run, 'unet_name')) });
    case 'CLIPLoader':
    case 'DualCLIPLoader': {
      const names = ['clip_name', 'clip_name1', 'clip_name2'].flatMap((name) => {
        const file = run.literal(name);
        return typeof file === 'string' ? [file] : [];
      });
      const encoder = encoderKind(...names);
      return one({ kind: 'other', ...(encoder === undefined ? {} : { encoder }) });
    }
    case 'VAELoader': {
      const vae = vaeKind(text(run, 'vae_name'));
      return one({ kind: 'other', ...(vae === undefined ? {} : { vae }) });
    }
    case 'LoraLoader':
      return { values: [passed(run, 'model'), passed(run, 'clip')] };
    case 'LoraLoaderModelOnly':
    case 'ModelSamplingAuraFlow':
    case 'CFGNorm':
      return one(passed(run, 'model'));
    case 'CLIPSetLastLayer':
      return one(passed(run, 'clip'));
    case 'SplitSigmasDenoise':
      return { values: [passed(run, 'sigmas'), passed(run, 'sigmas')] };
    case 'Flux2Scheduler':
      return one({ kind: 'other', steps: Number(run.literal('steps')) });
    case 'BasicGuider':
    case 'CFGGuider':
    case 'DualCFGGuider': {
      const name = { BasicGuider: 'conditioning', CFGGuider: 'positive', DualCFGGuider: 'cond1' }[run.classType]!;
      return one({ ...passed(run, 'model'), ...guide(run, name), kind: 'other' });
    }
    case 'CLIPTextEncode':
      return one(encoded(run, 'text'));
    case 'TextEncodeQwenImageEdit':
    case 'TextEncodeQwenImageEditPlus': {
      const picture = run.value('image1') ?? run.value('image');
      const source = picture?.kind === 'image' ? picture.source : undefined;
      return one({ ...encoded(run, 'prompt'), ...(source && { source }) });
    }
    case 'FluxGuidance':
    case 'FluxKontextMultiReferenceLatentMethod':
      return one({ ...guide(run, 'conditioning'), kind: 'conditioning' });
    case 'ConditioningZeroOut':
      return one({ ...guide(run, 'conditioning'), kind: 'conditioning', text: '' });
    case 'ReferenceLatent': {
      const latent = run.value('latent');
      const source = latent?.kind === 'latent' ? latent.source : undefined;
      return one({ ...guide(run, 'conditioning'), kind: 'conditioning', ...(source && { source }) });
    }
    case 'CLIPVisionEncode': {
      const { source } = image(run, 'image');
      return one({ kind: 'other', ...(source && { source }) });
    }
    case 'StyleModelApply':
    case 'unCLIPConditioning': {
      const { source } = passed(run, 'clip_vision_output');
      return one({ ...guide(run, 'conditioning'), kind: 'conditioning', ...(source && { source }) });
    }
    case 'USOStyleReference': {
      const { source } = passed(run, 'clip_vision_output');
      return one({ ...passed(run, 'model'), ...(source && { source }) });
    }
    case 'FluxKontextImageScale':
    case 'ImageScaleToTotalPixels':
      return one(image(run, 'image'));
    case 'RemoveBackground':
      return one({ kind: 'mask', objectIsOne: true });
    case 'InvertMask': {
      const mask = run.value('mask');
      return one({ kind: 'mask', objectIsOne: mask?.kind === 'mask' && !mask.objectIsOne });
    }
    case 'JoinImageWithAlpha': {
      const from = image(run, 'image');
      const mask = run.value('alpha');
      // The node takes what the mask marks away.
      const cut = mask?.kind === 'mask' && !mask.objectIsOne ? from.paintCutOut : undefined;
      const { width, height, count } = from;
      const nothing = paintedImage({ kind: 'latent', width, height, count, prompt: 'nothing' });
      return one({ ...from, paint: cut ?? nothing.paint });
    }
    default:
      // Settings: nothing that a picture shows.
      return { values: [other, other, other] };
  }
}

function encoded(run: NodeRun, input: string): ConditioningValue {
  const { encoder } = passed(run, 'clip');
  return { kind: 'conditioning', text: text(run, input), ...(encoder === undefined ? {} : { encoder }) };
}
