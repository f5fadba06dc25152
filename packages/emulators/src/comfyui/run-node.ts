/** What each class of nodes does. */
import { OutsidePath } from './file-store.ts';
import { contentHash } from './file-store.ts';
import { readImageHeader } from '../base/image-header.ts';
import { paintedImage, plainImage } from './node-values.ts';
import { fits } from './models/model-kinds.ts';
import { guide, image, latent, NodeFailure, number, passed, text } from './models/run-inputs.ts';
import { runModelNode } from './models/run-model-node.ts';
import type { Guide, NodeOutcome, NodeRun } from './models/run-inputs.ts';
import type { ImageValue, LatentValue, NodeValue } from './node-values.ts';

const other: NodeValue = { kind: 'other' };
const one = (value: NodeValue): NodeOutcome => ({ values: [value] });

/** Samples; files that were not made for each other fail here, as they do on the server. */
async function sample(
  run: NodeRun,
  from: LatentValue,
  { text: prompt, encoder, source, model = {} }: Guide,
  seed: number,
  steps: number,
): Promise<NodeOutcome> {
  if (!fits(model.encoder, encoder)) {
    throw new NodeFailure('RuntimeError', 'mat1 and mat2 shapes cannot be multiplied (512x7680 and 12288x4096)\n');
  }
  await run.steps(steps, undefined);
  const vae = model.vae === undefined ? {} : { vae: model.vae };
  const sampled: LatentValue = { ...from, prompt, seed, ...vae, ...(source && { source }) };
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

/** An empty scene: header and one chunk of JSON, as binary glTF 2.0 has them. */
function saveMesh(run: NodeRun): NodeOutcome {
  const scene = '{"asset":{"version":"2.0"}}';
  const chunk = Buffer.from(scene.padEnd(Math.ceil(scene.length / 4) * 4));
  const head = Buffer.alloc(20);
  [0x46546c67, 2, head.length + chunk.length, chunk.length, 0x4e4f534a].forEach((word, index) =>
    head.writeUInt32LE(word, index * 4),
  );
  const files = run.files.save(
    'output',
    text(run, 'filename_prefix'),
    [() => Promise.resolve(Buffer.concat([head, chunk]))],
    { modifiedAtMs: run.now, jobId: run.jobId, extension: 'glb' },
  );
  return { values: [], ui: { '3d': files } };
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
    case 'EmptySD3LatentImage':
    case 'EmptyFlux2LatentImage': {
      const step = run.classType === 'EmptyFlux2LatentImage' ? 16 : 8;
      const width = Math.floor(number(run, 'width') / step) * step;
      const height = Math.floor(number(run, 'height') / step) * step;
      return one({ kind: 'latent', width, height, count: number(run, 'batch_size') });
    }
    case 'RepeatLatentBatch': {
      const from = latent(run, 'samples');
      return one({ ...from, count: from.count * number(run, 'amount') });
    }
    case 'RandomNoise':
      return one({ kind: 'other', seed: number(run, 'noise_seed') });
    case 'BasicScheduler':
      return one({ kind: 'other', steps: number(run, 'steps') });
    case 'KSampler':
      return sample(
        run,
        latent(run, 'latent_image'),
        { ...guide(run, 'positive'), ...passed(run, 'model'), text: guide(run, 'positive').text },
        number(run, 'seed'),
        number(run, 'steps'),
      );
    case 'SamplerCustomAdvanced': {
      const noise = run.value('noise');
      const sigmas = run.value('sigmas');
      const seed = noise?.kind === 'other' ? (noise.seed ?? 0) : 0;
      const steps = sigmas?.kind === 'other' ? (sigmas.steps ?? 1) : 1;
      return sample(run, latent(run, 'latent_image'), guide(run, 'guider'), seed, steps);
    }
    case 'VAEDecode': {
      const samples = latent(run, 'samples');
      if (!fits(samples.vae, passed(run, 'vae').vae)) {
        const message =
          'Given groups=1, weight of size [512, 16, 3, 3], expected input[1, 128, 128, 128] to have 16 channels';
        throw new NodeFailure('RuntimeError', `${message}, but got 128 channels instead\n`);
      }
      return one(paintedImage(samples));
    }
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
      const { count, look, source } = from;
      const scaled = { kind: 'latent', width, height, count, prompt: look, look, ...(source && { source }) } as const;
      return one({ ...paintedImage(scaled), look });
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
    case 'VAEDecodeHunyuan3D':
    case 'VoxelToMeshBasic':
      return one(other);
    case 'SaveGLB':
      return saveMesh(run);
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
      return runModelNode(run);
  }
}
