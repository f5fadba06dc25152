/** What each class of nodes does. */
import { OutsidePath } from './file-store.ts';
import { contentHash } from './file-store.ts';
import { readImageHeader } from '../base/image-header.ts';
import { paintedImage, plainImage } from './node-values.ts';
import type { FileStore } from './file-store.ts';
import type { ImageValue, LatentValue, NodeValue } from './node-values.ts';

/** An error of a node, as Python would raise it. */
export class NodeFailure extends Error {
  readonly exceptionType: string;

  constructor(exceptionType: string, message: string) {
    super(message);
    this.exceptionType = exceptionType;
  }
}

/** What a node has to work with. */
export interface NodeRun {
  readonly classType: string;
  /** Literals, and the values behind links. */
  readonly literal: (name: string) => unknown;
  readonly value: (name: string) => NodeValue | undefined;
  readonly files: FileStore;
  readonly jobId: string;
  readonly now: number;
  /** Goes into the text chunks of PNGs, by keyword. */
  readonly pngText: Readonly<Record<string, string>>;
  readonly imageBytes: number | undefined;
  /** Waits, and tells the steps. Rejects when the job is interrupted. */
  readonly steps: (count: number, ms: number | undefined) => Promise<void>;
  /** A picture over the socket; the node's progress says which. */
  readonly sendPicture: (bytes: Buffer, index: number, count: number) => void;
  readonly sendText: (text: string) => void;
}

export interface NodeOutcome {
  readonly values: readonly NodeValue[];
  /** What `executed` and the history show. */
  readonly ui?: Record<string, unknown>;
}

const number = (run: NodeRun, name: string): number => {
  const value = run.value(name);
  return value?.kind === 'other' && value.number !== undefined ? value.number : Number(run.literal(name));
};
const text = (run: NodeRun, name: string): string => {
  const value = run.value(name);
  return value?.kind === 'other' && value.text !== undefined ? value.text : String(run.literal(name));
};
const image = (run: NodeRun, name: string): ImageValue => {
  const value = run.value(name);
  if (value?.kind !== 'image') throw new NodeFailure('TypeError', `${name} is not an image`);
  return value;
};
const latent = (run: NodeRun, name: string): LatentValue => {
  const value = run.value(name);
  if (value?.kind !== 'latent') throw new NodeFailure('TypeError', `${name} is not a latent`);
  return value;
};
const conditioning = (run: NodeRun, name: string): string => {
  const value = run.value(name);
  return value?.kind === 'conditioning' ? value.text : value?.kind === 'other' ? (value.text ?? '') : '';
};
const other: NodeValue = { kind: 'other' };
const one = (value: NodeValue): NodeOutcome => ({ values: [value] });

async function sample(
  run: NodeRun,
  from: LatentValue,
  prompt: string,
  seed: number,
  steps: number,
): Promise<NodeOutcome> {
  await run.steps(steps, undefined);
  const sampled: LatentValue = { ...from, prompt, seed };
  return { values: [sampled, sampled] };
}

function save(run: NodeRun, type: 'output' | 'temp', prefix: string): NodeOutcome {
  const pictures = image(run, 'images');
  const { width, height } = pictures;
  const filled = prefix.replaceAll('%width%', String(width)).replaceAll('%height%', String(height));
  try {
    const paints = Array.from(
      { length: pictures.count },
      (_, index) => () => pictures.paint(index, run.pngText, run.imageBytes),
    );
    const images = run.files.save(type, filled, paints, { modifiedAtMs: run.now, jobId: run.jobId });
    return { values: [pictures], ui: { images } };
  } catch (error) {
    if (!(error instanceof OutsidePath)) throw error;
    throw new NodeFailure('Exception', '**** ERROR: Saving image outside the output folder is not allowed.\n');
  }
}

async function loadImage(run: NodeRun): Promise<NodeOutcome> {
  const file = run.files.findAnnotated(String(run.literal('image')));
  const bytes = (await file?.content()) ?? Buffer.alloc(0);
  const header = readImageHeader(bytes);
  if (header === undefined) {
    throw new NodeFailure(
      'PIL.UnidentifiedImageError',
      `cannot identify image file '${String(run.literal('image'))}'\n`,
    );
  }
  const look = contentHash(bytes);
  const value = paintedImage({
    kind: 'latent',
    width: header.width,
    height: header.height,
    count: 1,
    prompt: `a picture ${look}`,
    seed: 0,
    look,
    source: bytes,
  });
  return { values: [value, other] };
}

/** Runs one node. */
export async function runNode(run: NodeRun): Promise<NodeOutcome> {
  switch (run.classType) {
    case 'EmptyImage':
      return one(
        plainImage(number(run, 'width'), number(run, 'height'), number(run, 'batch_size'), number(run, 'color')),
      );
    case 'EmptyLatentImage':
    case 'EmptySD3LatentImage': {
      const width = Math.floor(number(run, 'width') / 8) * 8;
      const height = Math.floor(number(run, 'height') / 8) * 8;
      return one({ kind: 'latent', width, height, count: number(run, 'batch_size') });
    }
    case 'RepeatLatentBatch': {
      const from = latent(run, 'samples');
      return one({ ...from, count: from.count * number(run, 'amount') });
    }
    case 'CLIPTextEncode':
      return one({ kind: 'conditioning', text: text(run, 'text') });
    case 'FluxGuidance':
      return one({ kind: 'conditioning', text: conditioning(run, 'conditioning') });
    case 'ControlNetApplyAdvanced':
      return {
        values: ['positive', 'negative'].map((name) => ({ kind: 'conditioning', text: conditioning(run, name) })),
      };
    case 'ConditioningZeroOut':
      return one({ kind: 'conditioning', text: '' });
    case 'BasicGuider':
      return one({ kind: 'other', text: conditioning(run, 'conditioning') });
    case 'RandomNoise':
      return one({ kind: 'other', seed: number(run, 'noise_seed') });
    case 'BasicScheduler':
      return one({ kind: 'other', steps: number(run, 'steps') });
    case 'KSampler':
      return sample(
        run,
        latent(run, 'latent_image'),
        conditioning(run, 'positive'),
        number(run, 'seed'),
        number(run, 'steps'),
      );
    case 'SamplerCustomAdvanced': {
      const noise = run.value('noise');
      const sigmas = run.value('sigmas');
      const seed = noise?.kind === 'other' ? (noise.seed ?? 0) : 0;
      const steps = sigmas?.kind === 'other' ? (sigmas.steps ?? 1) : 1;
      return sample(run, latent(run, 'latent_image'), conditioning(run, 'guider'), seed, steps);
    }
    case 'VAEDecode':
      return one(paintedImage(latent(run, 'samples')));
    case 'VAEEncode': {
      const { width, height, count, look, source } = image(run, 'pixels');
      const size = { width: Math.floor(width / 8) * 8, height: Math.floor(height / 8) * 8 };
      return one({ kind: 'latent', ...size, count, look, ...(source && { source }) });
    }
    case 'LoadImage':
      return loadImage(run);
    case 'ImageScale': {
      const from = image(run, 'image');
      const width = number(run, 'width');
      const height = number(run, 'height');
      return one({
        ...paintedImage({ kind: 'latent', width, height, count: from.count, prompt: from.look, look: from.look }),
        look: from.look,
      });
    }
    case 'ImageInvert':
      return one(image(run, 'image'));
    case 'ResizeImageMaskNode':
      return one(image(run, 'input'));
    case 'BatchImagesNode':
      return one(image(run, 'images.image0'));
    case 'ImageBatch': {
      const [first, second] = [image(run, 'image1'), image(run, 'image2')];
      const paint: ImageValue['paint'] = (index, chunks, bytes) =>
        index < first.count ? first.paint(index, chunks, bytes) : second.paint(index - first.count, chunks, bytes);
      return one({ ...first, count: first.count + second.count, paint });
    }
    case 'GetImageSize': {
      const { width, height, count } = image(run, 'image');
      run.sendText(`width: ${width}, height: ${height}\n batch size: ${count}`);
      return { values: [width, height, count].map((value) => ({ kind: 'other', number: value })) };
    }
    case 'SaveImage':
      return save(run, 'output', text(run, 'filename_prefix'));
    case 'PreviewImage':
      return save(run, 'temp', `ComfyUI_temp_${contentHash(Buffer.from(run.jobId)).slice(0, 5)}`);
    case 'SaveImageWebsocket': {
      const pictures = image(run, 'images');
      for (let index = 0; index < pictures.count; index += 1) {
        run.sendPicture(await pictures.paint(index, {}, run.imageBytes), index, pictures.count);
      }
      return { values: [] };
    }
    case 'PrimitiveStringMultiline':
      return one({ kind: 'other', text: text(run, 'value') });
    case 'PreviewAny': {
      const source = run.value('source');
      const shown = source?.kind === 'other' ? (source.text ?? String(source.number ?? '')) : (source?.kind ?? '');
      return { values: [{ kind: 'other', text: shown }], ui: { text: [shown] } };
    }
    case 'TestSleep': {
      await run.steps(number(run, 'steps'), number(run, 'ms') * number(run, 'steps'));
      if (run.literal('fail') === true) throw new NodeFailure('ValueError', 'test failure\n');
      return one(image(run, 'image'));
    }
    case 'TestBlock': {
      const message = text(run, 'message');
      return one({ kind: 'blocked', message: message === '' ? undefined : message });
    }
    default:
      // Loaders and settings: nothing that a picture shows.
      return { values: [other, other, other] };
  }
}
