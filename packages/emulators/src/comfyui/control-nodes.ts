/** Nodes of the workflows that people draw: ControlNet, and the two kinds of inputs that depend on others. */
import type { InputSpecification, NodeDefinition } from './node-definitions.ts';

const decimal = (initial: number, min: number, max: number, step: number): InputSpecification => [
  'FLOAT',
  { default: initial, min, max, step },
];
const side: InputSpecification = ['INT', { default: 512, min: 0, max: 16_384, step: 1 }];

export function controlNodes(controlNets: readonly string[]): Readonly<Record<string, NodeDefinition>> {
  return {
    ControlNetLoader: {
      required: { control_net_name: [controlNets] },
      output: ['CONTROL_NET'],
      category: 'loaders',
    },
    ControlNetApplyAdvanced: {
      required: {
        positive: ['CONDITIONING'],
        negative: ['CONDITIONING'],
        control_net: ['CONTROL_NET'],
        image: ['IMAGE'],
        strength: decimal(1, 0, 10, 0.01),
        start_percent: decimal(0, 0, 1, 0.001),
        end_percent: decimal(1, 0, 1, 0.001),
      },
      optional: { vae: ['VAE'] },
      output: ['CONDITIONING', 'CONDITIONING'],
      category: 'conditioning/controlnet',
    },
    CLIPSetLastLayer: {
      required: { clip: ['CLIP'], stop_at_clip_layer: ['INT', { default: -1, min: -24, max: -1, step: 1 }] },
      output: ['CLIP'],
      category: 'conditioning',
    },
    ResizeImageMaskNode: {
      required: {
        input: ['COMFY_MATCHTYPE_V3', { template: { template_id: 'input_type', allowed_types: 'IMAGE,MASK' } }],
        resize_type: [
          'COMFY_DYNAMICCOMBO_V3',
          {
            options: [
              {
                key: 'scale dimensions',
                inputs: {
                  required: {
                    width: side,
                    height: side,
                    crop: ['COMBO', { default: 'center', options: ['disabled', 'center'] }],
                  },
                },
              },
              { key: 'scale by multiplier', inputs: { required: { multiplier: decimal(1, 0.01, 8, 0.01) } } },
              { key: 'scale longer dimension', inputs: { required: { longer_size: side } } },
            ],
          },
        ],
        scale_method: [
          'COMBO',
          { default: 'area', options: ['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'] },
        ],
      },
      output: ['COMFY_MATCHTYPE_V3'],
      category: 'transform',
      module: 'comfy_extras.nodes_post_processing',
    },
    BatchImagesNode: {
      required: {
        images: [
          'COMFY_AUTOGROW_V3',
          { template: { input: { required: { image: ['IMAGE', {}] } }, prefix: 'image', min: 2, max: 50 } },
        ],
      },
      output: ['IMAGE'],
      category: 'image',
      module: 'comfy_extras.nodes_post_processing',
    },
  };
}
