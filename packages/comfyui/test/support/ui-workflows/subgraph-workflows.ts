import { api, box, checkpointFile, exported, page, standard, subgraph, withInputs } from './ui-parts.ts';
import type { Json, UiFixture } from './ui-parts.ts';

const { 3: sampler, 4: loader, 5: latent, 7: negative, 8: decode, 9: save } = standard;
const outerId = '82187329-39e2-40fd-ac5b-4554be4b2cec';
const innerId = '31d70bc1-12a1-4af4-8a84-c335621fe232';

/** The exported nodes of an inside, under the id of its instance. */
function under(instance: string, nodes: Json): Json {
  const moved = (value: unknown): unknown =>
    Array.isArray(value) ? [`${instance}:${String(value[0])}`, value[1] as unknown] : value;
  return Object.fromEntries(
    Object.entries(nodes).map(([id, node]) => {
      const { inputs, ...rest } = node as { inputs: Json };
      const entries = Object.entries(inputs).map(([name, value]) => [name, moved(value)] as const);
      return [`${instance}:${id}`, { ...rest, inputs: Object.fromEntries(entries) }];
    }),
  );
}

const textSocket = box(6, 'CLIPTextEncode', {
  inputs: [
    ['clip', 'CLIP', 3],
    ['text', 'STRING', 20, 'widget'],
  ],
  outputs: [['CONDITIONING', 'CONDITIONING', 4]],
  values: ['the words inside'],
});

/** Text to image in a subgraph: words come in, the picture goes out. */
const textToImage = subgraph(
  outerId,
  { inputs: [['text', 'STRING']], outputs: [['IMAGE', 'IMAGE']] },
  [loader(), latent(), textSocket, negative(), sampler(), decode()],
  [
    [1, 4, 0, 3, 0, 'MODEL'],
    [2, 5, 0, 3, 3, 'LATENT'],
    [3, 4, 1, 6, 0, 'CLIP'],
    [4, 6, 0, 3, 1, 'CONDITIONING'],
    [5, 4, 1, 7, 0, 'CLIP'],
    [6, 7, 0, 3, 2, 'CONDITIONING'],
    [7, 3, 0, 8, 0, 'LATENT'],
    [8, 4, 2, 8, 1, 'VAE'],
    [9, 8, 0, -20, 0, 'IMAGE'],
    [20, -10, 0, 6, 1, 'STRING'],
  ],
);
const { '9': saved, ...inside } = exported;

function instance(id: number, link: number | null, values: readonly unknown[], proxyWidgets: Json[] | unknown[]): Json {
  return box(id, outerId, {
    inputs: [['text', 'STRING', link, 'widget']],
    outputs: [['IMAGE', 'IMAGE', 1]],
    values,
    more: { properties: { proxyWidgets } },
  });
}

const saveFrom = (source: string): Json => ({ '9': withInputs(saved, { images: [source, 0] }) });
const saveBox = box(9, 'SaveImage', { inputs: [['images', 'IMAGE', 1]], values: ['ComfyUI'] });

export const subgraphWorkflows: readonly UiFixture[] = [
  {
    name: 'a subgraph whose words stand at its instance, with a widget of an inner node',
    ui: page(
      [
        instance(
          10,
          null,
          ['words of the instance', 42],
          [
            ['-1', 'text'],
            ['3', 'seed'],
          ],
        ),
        saveBox,
      ],
      [[1, 10, 0, 9, 0, 'IMAGE']],
      { definitions: { subgraphs: [textToImage] } },
    ),
    api: {
      ...under('10', {
        ...inside,
        '3': withInputs(inside['3'], { seed: 42 }),
        '6': withInputs(inside['6'], { text: 'words of the instance' }),
      }),
      ...saveFrom('10:8'),
    },
  },
  {
    name: 'two instances of a subgraph: one with a link, one with its own values',
    ui: page(
      [
        instance(10, 2, [], []),
        { ...instance(11, null, [], []), outputs: [{ name: 'IMAGE', type: 'IMAGE', links: [3] }] },
        box(12, 'PrimitiveStringMultiline', { outputs: [['STRING', 'STRING', 2]], values: ['linked words'] }),
        saveBox,
        box(13, 'PreviewImage', { inputs: [['images', 'IMAGE', 3]] }),
      ],
      [
        [1, 10, 0, 9, 0, 'IMAGE'],
        [2, 12, 0, 10, 0, 'STRING'],
        [3, 11, 0, 13, 0, 'IMAGE'],
      ],
      { definitions: { subgraphs: [textToImage] } },
    ),
    api: {
      ...under('10', inside),
      '10:6': withInputs(inside['6'], { text: ['12', 0], clip: ['10:4', 1] }),
      ...under('11', { ...inside, '6': withInputs(inside['6'], { text: 'the words inside' }) }),
      '12': api('PrimitiveStringMultiline', 'PrimitiveStringMultiline', { value: 'linked words' }),
      '13': api('PreviewImage', 'Preview Image', { images: ['11:8', 0] }),
      ...saveFrom('10:8'),
    },
  },
  {
    name: 'a subgraph in a subgraph, with a bypassed one behind it',
    ui: page(
      [
        box(10, innerId, {
          inputs: [['prompt', 'STRING', null, 'widget']],
          outputs: [['picture', 'IMAGE', 2]],
          values: ['from the top'],
          more: { properties: { proxyWidgets: [['-1', 'prompt']] } },
        }),
        box(14, 'ImageInvert', {
          inputs: [['image', 'IMAGE', 2]],
          outputs: [['IMAGE', 'IMAGE', 1]],
          more: { mode: 4 },
        }),
        saveBox,
      ],
      [
        [2, 10, 0, 14, 0, 'IMAGE'],
        [1, 14, 0, 9, 0, 'IMAGE'],
      ],
      {
        definitions: {
          subgraphs: [
            textToImage,
            subgraph(
              innerId,
              { inputs: [['prompt', 'STRING']], outputs: [['picture', 'IMAGE']] },
              [
                instance(20, 5, [], []),
                box(21, 'ImageInvert', { inputs: [['image', 'IMAGE', 1]], outputs: [['IMAGE', 'IMAGE', 6]] }),
              ],
              [
                [5, -10, 0, 20, 0, 'STRING'],
                [1, 20, 0, 21, 0, 'IMAGE'],
                [6, 21, 0, -20, 0, 'IMAGE'],
              ],
            ),
          ],
        },
      },
    ),
    api: {
      ...under('10:20', { ...inside, '6': withInputs(inside['6'], { text: 'from the top' }) }),
      '10:21': api('ImageInvert', 'Invert Image Colors', { image: ['10:20:8', 0] }),
      ...saveFrom('10:21'),
    },
  },
  {
    name: 'a subgraph that passes its input on beside what it makes',
    ui: page(
      [
        loader([3], [], [4]),
        box(10, outerId, {
          inputs: [
            ['model', 'MODEL', 3],
            ['vae', 'VAE', 4],
          ],
          outputs: [
            ['VAE', 'VAE', 8],
            ['LATENT', 'LATENT', 7],
          ],
        }),
        decode(),
        save(),
      ],
      [
        [3, 4, 0, 10, 0, 'MODEL'],
        [4, 4, 2, 10, 1, 'VAE'],
        [7, 10, 1, 8, 0, 'LATENT'],
        [8, 10, 0, 8, 1, 'VAE'],
        [9, 8, 0, 9, 0, 'IMAGE'],
      ],
      {
        definitions: {
          subgraphs: [
            subgraph(
              outerId,
              {
                inputs: [
                  ['model', 'MODEL'],
                  ['vae', 'VAE'],
                ],
                outputs: [
                  ['VAE', 'VAE'],
                  ['LATENT', 'LATENT'],
                ],
              },
              [latent()],
              [
                [1, -10, 1, -20, 0, 'VAE'],
                [2, 5, 0, -20, 1, 'LATENT'],
              ],
            ),
          ],
        },
      },
    ),
    api: {
      '4': api('CheckpointLoaderSimple', 'Load Checkpoint', { ckpt_name: checkpointFile }),
      '8': withInputs(exported['8'], { samples: ['10:5', 0], vae: ['4', 2] }),
      '9': exported['9'],
      '10:5': exported['5'],
    },
  },
];
