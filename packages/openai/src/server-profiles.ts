import type { OpenAIProfile, OpenAIProfileName } from './openai-profiles.ts';

type ServerName = Exclude<OpenAIProfileName, 'openai' | 'compatible' | 'sdcpp'>;

/** What most servers have in common: they take less than OpenAI, and answer in several forms. */
const server = {
  keyRequired: true,
  sizes: 'any',
  formats: [],
  transparentBackground: false,
  streaming: false,
  extensions: 'body',
  seed: false,
  negativePrompt: false,
  providerOptions: ['extraBody'],
  modelProbe: 'list',
  billable: true,
  refusalShape: 'any-json',
} as const satisfies Partial<OpenAIProfile>;

const own = { ...server, keyRequired: false, billable: false, seed: true, negativePrompt: true } as const;

const paths = { generate: '/images/generations', edit: '/images/generations', size: 'size', count: 'n' } as const;

/** Ratios that xAI documents, as sizes of about a megapixel; its 2k doubles both sides. */
const ratios = [
  { width: 1024, height: 1024 },
  { width: 1280, height: 720 },
  { width: 720, height: 1280 },
  { width: 1152, height: 864 },
  { width: 864, height: 1152 },
  { width: 1248, height: 832 },
  { width: 832, height: 1248 },
];
const doubled = ratios.map(({ width, height }) => ({ width: width * 2, height: height * 2 }));

/** Servers that take less, or other words, than OpenAI. What they take is from their vendors' pages and types, late 2026. */
export const serverProfiles: Readonly<Record<ServerName, OpenAIProfile>> = {
  // https://www.volcengine.com/docs/82379/1541523: no `n`; a watermark unless it is refused; sizes by model.
  ark: {
    ...server,
    name: 'ark',
    defaultBaseURL: 'https://ark.cn-beijing.volces.com/api/v3',
    defaultModel: 'doubao-seedream-4-0-250828',
    hosts: ['volces.com', 'bytepluses.com'],
    providerOptions: ['size', 'responseFormat', 'extraBody'],
    maxCount: 1,
    maxReferences: 10,
    sizeRules: [
      [/seedream-5-0-pro/, { minPixels: 921_600, maxPixels: 4_624_220, maxRatio: 16 }],
      [/seedream-(?:4-5|5-0)/, { minPixels: 3_686_400, maxPixels: 16_777_216, maxRatio: 16 }],
      [/seedream-4-0/, { minPixels: 921_600, maxPixels: 16_777_216, maxRatio: 16 }],
    ],
    wire: { ...paths, references: 'image', fixed: { watermark: false } },
  },
  // https://docs.x.ai/docs/guides/image-generations: `size` is refused; edits are JSON.
  xai: {
    ...server,
    name: 'xai',
    defaultBaseURL: 'https://api.x.ai/v1',
    defaultModel: 'grok-imagine-image',
    hosts: ['x.ai'],
    providerOptions: ['responseFormat', 'extraBody'],
    maxReferences: 3,
    sizeRules: [[/^/, { oneOf: [...ratios, ...doubled] }]],
    wire: { ...paths, edit: '/images/edits', size: 'aspect-ratio', references: 'image-objects', fixed: {} },
  },
  // https://docs.together.ai/reference/post-images-generations: base64 has a name of its own.
  together: {
    ...server,
    name: 'together',
    defaultBaseURL: 'https://api.together.xyz/v1',
    defaultModel: 'black-forest-labs/FLUX.2-pro',
    hosts: ['together.xyz', 'together.ai'],
    formats: ['png', 'jpeg'],
    seed: true,
    negativePrompt: true,
    maxCount: 4,
    maxReferences: 4,
    sizeRules: [[/^/, { minSide: 64, maxSide: 1792, multipleOf: 16 }]],
    wire: {
      ...paths,
      size: 'width-and-height',
      references: 'reference_images',
      fixed: { response_format: 'base64' },
    },
  },
  // https://docs.siliconflow.cn/cn/api-reference/images/images-generations; Kolors takes one picture.
  siliconflow: {
    ...server,
    name: 'siliconflow',
    defaultBaseURL: 'https://api.siliconflow.cn/v1',
    defaultModel: 'Kwai-Kolors/Kolors',
    hosts: ['siliconflow.cn', 'siliconflow.com'],
    seed: true,
    negativePrompt: true,
    maxCount: 4,
    maxReferences: 1,
    wire: { ...paths, size: 'image_size', count: 'batch_size', references: 'numbered', fixed: {} },
  },
  // https://openrouter.ai/docs/guides/overview/multimodal/image-generation
  openrouter: {
    ...server,
    name: 'openrouter',
    defaultBaseURL: 'https://openrouter.ai/api/v1',
    defaultModel: 'bytedance-seed/seedream-4.5',
    hosts: ['openrouter.ai'],
    formats: ['png', 'jpeg', 'webp'],
    providerOptions: ['quality', 'size', 'extraBody'],
    seed: true,
    maxReferences: 10,
    modelsPath: '/images/models',
    wire: { ...paths, generate: '/images', edit: '/images', references: 'input_references', fixed: {} },
  },
  // https://docs.vllm.ai/projects/vllm-omni: pictures are parts of a form that are all named `image`.
  'vllm-omni': {
    ...own,
    name: 'vllm-omni',
    defaultBaseURL: 'http://127.0.0.1:8091/v1',
    defaultModel: 'Qwen/Qwen-Image',
    maxReferences: 4,
    wire: { ...paths, edit: '/images/edits', references: 'image-parts', fixed: {} },
  },
  // https://docs.sglang.io/diffusion: it may answer with addresses on the same server.
  sglang: {
    ...own,
    name: 'sglang',
    defaultBaseURL: 'http://127.0.0.1:30000/v1',
    defaultModel: 'Qwen/Qwen-Image',
    maxReferences: 4,
    wire: { ...paths, edit: '/images/edits', references: 'image-parts', fixed: {} },
  },
};
