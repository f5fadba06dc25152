/** Parts of workflows as ComfyUI's page saves them. */
export type Json = Readonly<Record<string, unknown>>;

/** A workflow of the page, and what "Export (API)" makes of it. */
export interface UiFixture {
  readonly name: string;
  readonly ui: Json;
  readonly api: Json;
}

interface NodeParts {
  /** Names and types; a link's number makes it a link; `widget` marks a socket that has a widget too. */
  readonly inputs?: readonly (readonly [name: string, type: string, link: number | null, widget?: 'widget'])[];
  readonly outputs?: readonly (readonly [name: string, type: string, ...links: number[]])[];
  readonly values?: readonly unknown[] | Json;
  readonly more?: Json;
}

/** A box on the page. */
export function box(id: number, type: string, { inputs = [], outputs = [], values, more }: NodeParts): Json {
  return {
    id,
    type,
    pos: [100 * id, 100],
    size: [315, 120],
    flags: {},
    order: id,
    mode: 0,
    inputs: inputs.map(([name, kind, link, widget]) => ({
      name,
      type: kind,
      link,
      ...(widget === undefined ? {} : { widget: { name } }),
    })),
    outputs: outputs.map(([name, kind, ...links], slot_index) => ({ name, type: kind, links, slot_index })),
    properties: { 'Node name for S&R': type },
    ...(values === undefined ? {} : { widgets_values: values }),
    ...more,
  };
}

type Link = readonly [id: number, origin: number, slot: number, target: number, slot: number, type: string];

/** A whole file, of version 0.4. */
export function page(nodes: readonly Json[], links: readonly Link[], more: Json = {}): Json {
  return {
    id: '6019867a-604b-4d50-bb6d-26475d9f4aa9',
    revision: 0,
    last_node_id: 99,
    last_link_id: 99,
    nodes,
    links,
    groups: [],
    config: {},
    extra: { ds: { scale: 1, offset: [0, 0] } },
    version: 0.4,
    ...more,
  };
}

/** A definition of a subgraph. Its links are objects. */
export function subgraph(
  id: string,
  sockets: {
    readonly inputs: readonly (readonly [string, string])[];
    readonly outputs: readonly (readonly [string, string])[];
  },
  nodes: readonly Json[],
  links: readonly Link[],
): Json {
  const slot = ([name, type]: readonly [string, string], index: number): Json => ({
    id: `${id}-${name}`,
    name,
    type,
    index,
  });
  return {
    id,
    version: 1,
    name: 'New Subgraph',
    inputNode: { id: -10, bounding: [0, 0, 120, 60] },
    outputNode: { id: -20, bounding: [900, 0, 120, 60] },
    inputs: sockets.inputs.map(slot),
    outputs: sockets.outputs.map(slot),
    widgets: [],
    nodes,
    groups: [],
    links: links.map(([link, origin, originSlot, target, targetSlot, type]) => ({
      id: link,
      origin_id: origin,
      origin_slot: originSlot,
      target_id: target,
      target_slot: targetSlot,
      type,
    })),
    extra: {},
  };
}

/** A node in API format. */
export function api(class_type: string, title: string, inputs: Json): Json {
  return { class_type, inputs, _meta: { title } };
}

export const checkpointFile = 'emulator-checkpoint.safetensors';

/** The boxes of the graph that a fresh page shows, by their ids. */
export const standard = {
  4: (model: number[] = [1], clip: number[] = [3, 5], vae: number[] = [8]): Json =>
    box(4, 'CheckpointLoaderSimple', {
      outputs: [
        ['MODEL', 'MODEL', ...model],
        ['CLIP', 'CLIP', ...clip],
        ['VAE', 'VAE', ...vae],
      ],
      values: [checkpointFile],
    }),
  5: (): Json => box(5, 'EmptyLatentImage', { outputs: [['LATENT', 'LATENT', 2]], values: [512, 512, 1] }),
  6: (more: Json = {}): Json =>
    box(6, 'CLIPTextEncode', {
      inputs: [['clip', 'CLIP', 3]],
      outputs: [['CONDITIONING', 'CONDITIONING', 4]],
      values: ['a bottle'],
      more,
    }),
  7: (): Json =>
    box(7, 'CLIPTextEncode', {
      inputs: [['clip', 'CLIP', 5]],
      outputs: [['CONDITIONING', 'CONDITIONING', 6]],
      values: ['text, watermark'],
    }),
  3: (more: Json = {}): Json =>
    box(3, 'KSampler', {
      inputs: [
        ['model', 'MODEL', 1],
        ['positive', 'CONDITIONING', 4],
        ['negative', 'CONDITIONING', 6],
        ['latent_image', 'LATENT', 2],
      ],
      outputs: [['LATENT', 'LATENT', 7]],
      values: [156680208700286, 'randomize', 20, 8, 'euler', 'normal', 1],
      more,
    }),
  8: (): Json =>
    box(8, 'VAEDecode', {
      inputs: [
        ['samples', 'LATENT', 7],
        ['vae', 'VAE', 8],
      ],
      outputs: [['IMAGE', 'IMAGE', 9]],
      values: [],
    }),
  9: (): Json => box(9, 'SaveImage', { inputs: [['images', 'IMAGE', 9]], values: ['ComfyUI', ''] }),
} as const;

export const standardLinks: readonly Link[] = [
  [1, 4, 0, 3, 0, 'MODEL'],
  [2, 5, 0, 3, 3, 'LATENT'],
  [3, 4, 1, 6, 0, 'CLIP'],
  [4, 6, 0, 3, 1, 'CONDITIONING'],
  [5, 4, 1, 7, 0, 'CLIP'],
  [6, 7, 0, 3, 2, 'CONDITIONING'],
  [7, 3, 0, 8, 0, 'LATENT'],
  [8, 4, 2, 8, 1, 'VAE'],
  [9, 8, 0, 9, 0, 'IMAGE'],
];

/** What the page exports for the standard boxes. */
export const exported = {
  '3': api('KSampler', 'KSampler', {
    seed: 156680208700286,
    steps: 20,
    cfg: 8,
    sampler_name: 'euler',
    scheduler: 'normal',
    denoise: 1,
    model: ['4', 0],
    positive: ['6', 0],
    negative: ['7', 0],
    latent_image: ['5', 0],
  }),
  '4': api('CheckpointLoaderSimple', 'Load Checkpoint', { ckpt_name: checkpointFile }),
  '5': api('EmptyLatentImage', 'Empty Latent Image', { width: 512, height: 512, batch_size: 1 }),
  '6': api('CLIPTextEncode', 'CLIP Text Encode (Prompt)', { text: 'a bottle', clip: ['4', 1] }),
  '7': api('CLIPTextEncode', 'CLIP Text Encode (Prompt)', { text: 'text, watermark', clip: ['4', 1] }),
  '8': api('VAEDecode', 'VAE Decode', { samples: ['3', 0], vae: ['4', 2] }),
  '9': api('SaveImage', 'Save Image', { images: ['8', 0], filename_prefix: 'ComfyUI' }),
} as const;

/** An exported node with other inputs. */
export function withInputs(node: Json, inputs: Json): Json {
  return { ...node, inputs: { ...(node['inputs'] as Json), ...inputs } };
}
