import type { BackendDefinition } from '@holodeck/core/backend';

/** OpenAI Images, and servers that speak its protocol. */
export const definition: BackendDefinition = {
  name: 'openai',
  label: { en: 'OpenAI', zh: 'OpenAI' },
  variables: [
    {
      name: 'OPENAI_API_KEY',
      meaning: {
        en: 'API key (https://platform.openai.com/api-keys). Images are paid for.',
        zh: 'API 密钥（https://platform.openai.com/api-keys）。生成图片会收费。',
      },
      secret: true,
    },
    {
      name: 'OPENAI_BASE_URL',
      meaning: {
        en: 'Address of OpenAI or a compatible server, with its /v1. Default https://api.openai.com/v1.',
        zh: 'OpenAI 或兼容服务的地址，包含 /v1。默认 https://api.openai.com/v1。',
      },
    },
    { name: 'OPENAI_IMAGE_MODEL', meaning: { en: 'Model. Default gpt-image-2.', zh: '模型，默认 gpt-image-2。' } },
    {
      name: 'OPENAI_PROFILE',
      meaning: {
        en: 'Which server answers: openai (default), compatible, sdcpp, ark, xai, together, siliconflow, openrouter, vllm-omni, sglang.',
        zh: '服务的类型：openai（默认）、compatible、sdcpp、ark、xai、together、siliconflow、openrouter、vllm-omni、sglang。',
      },
    },
    {
      name: 'OPENAI_DELIVERY',
      meaning: {
        en: 'direct (default), or batch: half the price, within 24 hours.',
        zh: 'direct（默认）或 batch：价格减半，24 小时内完成。',
      },
    },
  ],
  whenAbsent: {
    en: 'OPENAI_API_KEY is not set. Make a key at https://platform.openai.com/api-keys and set it.',
    zh: '未设置 OPENAI_API_KEY。请在 https://platform.openai.com/api-keys 创建密钥并设置。',
  },
  loadMessages: () => import('@holodeck/openai'),
  modelVariable: 'OPENAI_IMAGE_MODEL',
  economy: { variable: 'OPENAI_DELIVERY', value: 'batch' },
  requestOptions: [
    'quality=low|medium|high|xhigh|max|auto',
    'moderation=auto|low',
    'compression=0-100',
    'safetyIdentifier=<text>',
    'user=<text>',
    'inputFidelity=high|low',
    'mask=<file>',
    'markup=<file>',
    'partialImages=0-3',
    'complexity=low|medium|high',
    'size=auto',
    'responseFormat=url|b64_json',
    'extraBody=<json>',
  ],
  previewOptions: { partialImages: 2 },
  configure: async (environment) => {
    const { createOpenAIBackend, openaiOptionsFromEnvironment } = await import('@holodeck/openai');
    const options = openaiOptionsFromEnvironment(environment);
    if (options === undefined) return undefined;
    return { create: () => createOpenAIBackend(options), address: options.baseURL ?? 'https://api.openai.com' };
  },
};
