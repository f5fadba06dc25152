import { say } from '../comfyui-messages.ts';
import { invalidOptions } from '../comfyui-errors.ts';
import { titleOf } from './workflow.ts';
import type { ReferenceRole } from '@holodeck/core';
import type { Graph, GraphNode } from '../wire/comfyui-wire.ts';
import type { InputAddress } from './input-path.ts';
import type { BoundField, PartialBinding } from './workflow-binding.ts';

/** The usual names of the inputs that a tag means, the likelier first. */
const inputNames: Readonly<Record<string, readonly string[]>> = {
  text: ['text', 'prompt', 'value', 'string', 'text_g', 'text_l', 'clip_l', 't5xxl', 'positive', 'wildcard_text'],
  seed: ['seed', 'noise_seed', 'value', 'int', 'number'],
  width: ['width', 'value', 'int', 'number'],
  height: ['height', 'value', 'int', 'number'],
  batch: ['batch_size', 'amount', 'value', 'int', 'number'],
  image: ['image', 'image_path', 'file', 'value'],
  checkpoint: ['ckpt_name', 'unet_name', 'model_name', 'value'],
};

interface Tag {
  readonly fields: readonly (readonly [BoundField, string])[];
  readonly role?: ReferenceRole;
  readonly output?: true;
}

const tags: Readonly<Record<string, Tag>> = {
  prompt: { fields: [['prompt', 'text']] },
  positive: { fields: [['prompt', 'text']] },
  negative: { fields: [['negativePrompt', 'text']] },
  negativeprompt: { fields: [['negativePrompt', 'text']] },
  seed: { fields: [['seed', 'seed']] },
  size: {
    fields: [
      ['width', 'width'],
      ['height', 'height'],
    ],
  },
  width: { fields: [['width', 'width']] },
  height: { fields: [['height', 'height']] },
  batch: { fields: [['batchSize', 'batch']] },
  count: { fields: [['batchSize', 'batch']] },
  checkpoint: { fields: [['checkpoint', 'checkpoint']] },
  image: { fields: [], role: 'init' },
  init: { fields: [], role: 'init' },
  reference: { fields: [], role: 'init' },
  style: { fields: [], role: 'style' },
  output: { fields: [], output: true },
};

/**
 * Tags in a node's title: `@prompt`, `@negative`, `@seed`, `@size`, `@width`, `@height`, `@batch`, `@checkpoint`,
 * `@image` (a picture to start from), `@style` (a picture whose look is followed), `@output`. `@seed.color` names the
 * input where it is not the usual one. Other words beside tags are free; unknown tags are ignored.
 */
const tagPattern = /(?<![\w@])@([a-z]+)(?:[.:]([a-z_0-9]+))?/gi;

/** Bindings that the workflow's author wrote into the titles. */
export function readTitles(graph: Graph): PartialBinding {
  const found: { -readonly [Field in BoundField]?: InputAddress[] } = {};
  const references: { address: InputAddress; role: ReferenceRole }[] = [];
  const outputs: string[] = [];
  for (const [id, node] of Object.entries(graph)) {
    for (const [, word, input] of titleOf(node).matchAll(tagPattern)) {
      const tag = tags[word!.toLowerCase()];
      for (const [field, kind] of tag?.fields ?? []) {
        (found[field] ??= []).push({ node: id, input: input ?? usualInput(id, node, kind, word!) });
      }
      if (tag?.role !== undefined) {
        references.push({
          address: { node: id, input: input ?? usualInput(id, node, 'image', word!) },
          role: tag.role,
        });
      }
      if (tag?.output === true) {
        outputs.push(id);
      }
    }
  }
  return {
    ...found,
    ...(references.length === 0 ? {} : { references }),
    ...(outputs.length === 0 ? {} : { outputs }),
  };
}

function usualInput(id: string, node: GraphNode, kind: string, tag: string): string {
  const name = inputNames[kind]!.find((candidate) => Object.hasOwn(node.inputs, candidate));
  if (name === undefined) {
    const input = Object.keys(node.inputs)[0] ?? 'input';
    throw invalidOptions(say('title-input', { node: id, type: node.class_type, tag, input }));
  }
  return name;
}
