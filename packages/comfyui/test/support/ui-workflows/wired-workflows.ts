import { api, box, exported, page, standard, standardLinks, withInputs } from './ui-parts.ts';
import type { Json, UiFixture } from './ui-parts.ts';

const { 3: sampler, 4: loader, 5: latent, 6: positive, 7: negative, 8: decode, 9: save } = standard;
const { '3': _sampler, ...withoutSampler } = exported;

const lora = (mode: number): Json =>
  box(12, 'LoraLoader', {
    inputs: [
      ['model', 'MODEL', 10],
      ['clip', 'CLIP', 11],
    ],
    outputs: [
      ['MODEL', 'MODEL', 1],
      ['CLIP', 'CLIP', 3, 5],
    ],
    values: ['line-art.safetensors', 0.8, 1],
    more: { mode },
  });

/** Workflows whose links lead through what is not sent. */
export const wiredWorkflows: readonly UiFixture[] = [
  {
    name: 'a muted branch',
    ui: page(
      [
        loader(),
        latent(),
        positive(),
        negative(),
        sampler(),
        decode(),
        save(),
        box(30, 'ImageInvert', {
          inputs: [['image', 'IMAGE', 30]],
          outputs: [['IMAGE', 'IMAGE', 31]],
          more: { mode: 2 },
        }),
        box(31, 'PreviewImage', { inputs: [['images', 'IMAGE', 31]], more: { mode: 2 } }),
        box(32, 'LoadImage', {
          outputs: [
            ['IMAGE', 'IMAGE'],
            ['MASK', 'MASK'],
          ],
          values: ['gone.png', 'image'],
          more: { mode: 2 },
        }),
      ],
      [...standardLinks, [30, 8, 0, 30, 0, 'IMAGE'], [31, 30, 0, 31, 0, 'IMAGE']],
    ),
    api: exported,
  },
  {
    name: 'an optional input whose source is muted',
    ui: page(
      [
        box(1, 'EmptyImage', { outputs: [['IMAGE', 'IMAGE', 1]], values: [64, 64, 1, 0] }),
        box(2, 'LoadImage', {
          outputs: [
            ['IMAGE', 'IMAGE', 2],
            ['MASK', 'MASK'],
          ],
          values: ['gone.png', 'image'],
          more: { mode: 2 },
        }),
        box(3, 'BatchImagesNode', {
          inputs: [
            ['images.image0', 'IMAGE', 1],
            ['images.image1', 'IMAGE', 3],
            ['images.image2', 'IMAGE', 2],
          ],
          outputs: [['IMAGE', 'IMAGE', 4]],
        }),
        box(9, 'SaveImage', { inputs: [['images', 'IMAGE', 4]], values: ['batch'] }),
      ],
      [
        [1, 1, 0, 3, 0, 'IMAGE'],
        [2, 2, 0, 3, 2, 'IMAGE'],
        [3, 1, 0, 3, 1, 'IMAGE'],
        [4, 3, 0, 9, 0, 'IMAGE'],
      ],
    ),
    api: {
      '1': api('EmptyImage', 'Empty Image', { width: 64, height: 64, batch_size: 1, color: 0 }),
      '3': api('BatchImagesNode', 'Batch Images', { 'images.image0': ['1', 0], 'images.image1': ['1', 0] }),
      '9': api('SaveImage', 'Save Image', { images: ['3', 0], filename_prefix: 'batch' }),
    },
  },
  {
    name: 'a bypassed LoRA: each output passes on the input of its type',
    ui: page(
      [loader([10], [11]), latent(), positive(), negative(), sampler(), decode(), save(), lora(4)],
      [
        ...standardLinks.filter(([id]) => ![1, 3, 5].includes(id)),
        [10, 4, 0, 12, 0, 'MODEL'],
        [11, 4, 1, 12, 1, 'CLIP'],
        [1, 12, 0, 3, 0, 'MODEL'],
        [3, 12, 1, 6, 0, 'CLIP'],
        [5, 12, 1, 7, 0, 'CLIP'],
      ],
    ),
    api: exported,
  },
  {
    name: 'reroutes in a row, one of them after a bypassed node',
    ui: page(
      [
        loader(),
        latent(),
        positive(),
        negative(),
        sampler(),
        decode(),
        save(),
        box(40, 'Reroute', { inputs: [['', '*', 40]], outputs: [['IMAGE', 'IMAGE', 41]] }),
        box(41, 'ImageInvert', {
          inputs: [['image', 'IMAGE', 41]],
          outputs: [['IMAGE', 'IMAGE', 42]],
          more: { mode: 4 },
        }),
        box(42, 'Reroute', { inputs: [['', '*', 42]], outputs: [['', 'IMAGE', 9]] }),
      ],
      [
        ...standardLinks.filter(([id]) => id !== 9),
        [40, 8, 0, 40, 0, 'IMAGE'],
        [41, 40, 0, 41, 0, 'IMAGE'],
        [42, 41, 0, 42, 0, 'IMAGE'],
        [9, 42, 0, 9, 0, 'IMAGE'],
      ],
    ),
    api: exported,
  },
  {
    name: 'primitives: a seed for two inputs, one through a reroute, and words',
    ui: page(
      [
        loader(),
        latent(),
        negative(),
        decode(),
        save(),
        box(6, 'CLIPTextEncode', {
          inputs: [
            ['clip', 'CLIP', 3],
            ['text', 'STRING', 52, 'widget'],
          ],
          outputs: [['CONDITIONING', 'CONDITIONING', 4]],
          values: ['left over'],
        }),
        box(3, 'KSampler', {
          inputs: [
            ['model', 'MODEL', 1],
            ['positive', 'CONDITIONING', 4],
            ['negative', 'CONDITIONING', 6],
            ['latent_image', 'LATENT', 2],
            ['seed', 'INT', 50, 'widget'],
            ['steps', 'INT', 54, 'widget'],
          ],
          outputs: [['LATENT', 'LATENT', 7]],
          values: [1, 'fixed', 20, 8, 'euler', 'normal', 1],
        }),
        box(50, 'PrimitiveNode', { outputs: [['INT', 'INT', 50]], values: [4242, 'increment'] }),
        box(51, 'PrimitiveNode', { outputs: [['STRING', 'STRING', 51]], values: ['a lighthouse'] }),
        box(52, 'Reroute', { inputs: [['', '*', 51]], outputs: [['', 'STRING', 52]] }),
        box(53, 'PrimitiveNode', { outputs: [['INT', 'INT', 54]], values: [12, 'fixed'] }),
      ],
      [
        ...standardLinks,
        [50, 50, 0, 3, 4, 'INT'],
        [51, 51, 0, 52, 0, 'STRING'],
        [52, 52, 0, 6, 1, 'STRING'],
        [54, 53, 0, 3, 5, 'INT'],
      ],
    ),
    api: {
      ...withoutSampler,
      '3': withInputs(exported['3'], { seed: 4242, steps: 12 }),
      '6': withInputs(exported['6'], { text: 'a lighthouse' }),
    },
  },
];
