import { api, box, exported, page, standard, standardLinks, withInputs } from './ui-parts.ts';
import type { UiFixture } from './ui-parts.ts';

const { 3: sampler, 4: loader, 5: latent, 6: positive, 7: negative, 8: decode, 9: save } = standard;

/** Workflows without subgraphs. */
export const plainWorkflows: readonly UiFixture[] = [
  {
    name: 'text to image, with the seed of control_after_generate, a note and a title',
    ui: page(
      [
        box(1, 'MarkdownNote', { values: ['# Models\nPut them into **models/checkpoints**.'] }),
        box(2, 'Note', { values: ['mine'] }),
        loader(),
        latent(),
        positive({ title: '@prompt' }),
        negative(),
        sampler(),
        decode(),
        save(),
      ],
      standardLinks,
    ),
    api: { ...exported, '6': { ...exported['6'], _meta: { title: '@prompt' } } },
  },
  {
    name: 'LoRA between loader and sampler',
    ui: page(
      [
        loader([10], [11]),
        latent(),
        positive(),
        negative(),
        sampler(),
        decode(),
        save(),
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
        }),
      ],
      [
        ...standardLinks.filter(([id]) => ![1, 3, 5].includes(id)),
        [10, 4, 0, 12, 0, 'MODEL'],
        [11, 4, 1, 12, 1, 'CLIP'],
        [1, 12, 0, 3, 0, 'MODEL'],
        [3, 12, 1, 6, 0, 'CLIP'],
        [5, 12, 1, 7, 0, 'CLIP'],
      ],
    ),
    api: {
      ...exported,
      '3': withInputs(exported['3'], { model: ['12', 0] }),
      '6': withInputs(exported['6'], { clip: ['12', 1] }),
      '7': withInputs(exported['7'], { clip: ['12', 1] }),
      '12': api('LoraLoader', 'Load LoRA (Model and CLIP)', {
        lora_name: 'line-art.safetensors',
        strength_model: 0.8,
        strength_clip: 1,
        model: ['4', 0],
        clip: ['4', 1],
      }),
    },
  },
  {
    name: 'ControlNet, with the upload button of LoadImage and an optional input',
    ui: page(
      [
        loader([1], [3, 5], [8, 24]),
        latent(),
        positive(),
        negative(),
        sampler(),
        decode(),
        save(),
        box(20, 'ControlNetLoader', { outputs: [['CONTROL_NET', 'CONTROL_NET', 22]], values: ['depth.safetensors'] }),
        box(21, 'LoadImage', {
          outputs: [
            ['IMAGE', 'IMAGE', 23],
            ['MASK', 'MASK'],
          ],
          values: ['pose.png', 'image'],
        }),
        box(22, 'ControlNetApplyAdvanced', {
          inputs: [
            ['positive', 'CONDITIONING', 20],
            ['negative', 'CONDITIONING', 21],
            ['control_net', 'CONTROL_NET', 22],
            ['image', 'IMAGE', 23],
            ['vae', 'VAE', 24],
          ],
          outputs: [
            ['positive', 'CONDITIONING', 4],
            ['negative', 'CONDITIONING', 6],
          ],
          values: [0.7, 0, 0.8],
        }),
      ],
      [
        ...standardLinks.filter(([id]) => id !== 4 && id !== 6),
        [20, 6, 0, 22, 0, 'CONDITIONING'],
        [21, 7, 0, 22, 1, 'CONDITIONING'],
        [22, 20, 0, 22, 2, 'CONTROL_NET'],
        [23, 21, 0, 22, 3, 'IMAGE'],
        [24, 4, 2, 22, 4, 'VAE'],
        [4, 22, 0, 3, 1, 'CONDITIONING'],
        [6, 22, 1, 3, 2, 'CONDITIONING'],
      ],
    ),
    api: {
      ...exported,
      '3': withInputs(exported['3'], { positive: ['22', 0], negative: ['22', 1] }),
      '20': api('ControlNetLoader', 'Load ControlNet Model', { control_net_name: 'depth.safetensors' }),
      '21': api('LoadImage', 'Load Image', { image: 'pose.png' }),
      '22': api('ControlNetApplyAdvanced', 'Apply ControlNet', {
        strength: 0.7,
        start_percent: 0,
        end_percent: 0.8,
        positive: ['6', 0],
        negative: ['7', 0],
        control_net: ['20', 0],
        image: ['21', 0],
        vae: ['4', 2],
      }),
    },
  },
  {
    name: 'values with names, whatever the positions say',
    ui: page(
      [
        loader(),
        latent(),
        positive(),
        negative(),
        decode(),
        save(),
        sampler({
          widgets_values: ['old', 'order'],
          widgets_values_named: {
            seed: 7,
            control_after_generate: 'fixed',
            steps: 30,
            cfg: 4.5,
            sampler_name: 'dpmpp_2m',
            scheduler: 'karras',
            denoise: 1,
          },
        }),
      ],
      standardLinks,
    ),
    api: {
      ...exported,
      '3': withInputs(exported['3'], {
        seed: 7,
        steps: 30,
        cfg: 4.5,
        sampler_name: 'dpmpp_2m',
        scheduler: 'karras',
      }),
    },
  },
  {
    name: 'a dynamic choice with inputs of its own, a row of links, and values that the class has got since',
    ui: page(
      [
        box(1, 'EmptyImage', { outputs: [['IMAGE', 'IMAGE', 1, 2]], values: [512] }),
        box(2, 'ResizeImageMaskNode', {
          inputs: [
            ['input', 'IMAGE,MASK', 1],
            ['resize_type', 'COMFY_DYNAMICCOMBO_V3', null, 'widget'],
            ['resize_type.width', 'INT', null, 'widget'],
          ],
          outputs: [['resized', 'IMAGE', 3]],
          values: ['scale dimensions', 768, 640, 'center', 'lanczos'],
        }),
        box(3, 'BatchImagesNode', {
          inputs: [
            ['images.image0', 'IMAGE', 3],
            ['images.image1', 'IMAGE', 2],
            ['images.image2', 'IMAGE', null],
          ],
          outputs: [['IMAGE', 'IMAGE', 4]],
          values: [],
        }),
        box(9, 'SaveImage', { inputs: [['images', 'IMAGE', 4]], values: ['batch'] }),
      ],
      [
        [1, 1, 0, 2, 0, 'IMAGE'],
        [2, 1, 0, 3, 1, 'IMAGE'],
        [3, 2, 0, 3, 0, 'IMAGE'],
        [4, 3, 0, 9, 0, 'IMAGE'],
      ],
    ),
    api: {
      '1': api('EmptyImage', 'Empty Image', { width: 512, height: 512, batch_size: 1, color: 0 }),
      '2': api('ResizeImageMaskNode', 'Resize Image/Mask', {
        resize_type: 'scale dimensions',
        'resize_type.width': 768,
        'resize_type.height': 640,
        'resize_type.crop': 'center',
        scale_method: 'lanczos',
        input: ['1', 0],
      }),
      '3': api('BatchImagesNode', 'Batch Images', { 'images.image0': ['2', 0], 'images.image1': ['1', 0] }),
      '9': api('SaveImage', 'Save Image', { images: ['3', 0], filename_prefix: 'batch' }),
    },
  },
  {
    name: 'escapes and comments of a prompt',
    ui: page(
      [
        loader(),
        latent(),
        negative(),
        sampler(),
        decode(),
        save(),
        positive({ widgets_values: ['a \\{red\\} bottle /* or green */'] }),
      ],
      standardLinks,
    ),
    api: { ...exported, '6': withInputs(exported['6'], { text: 'a {red} bottle ' }) },
  },
];
