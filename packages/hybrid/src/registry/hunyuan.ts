import type { BackendDefinition } from '@holodeck/core/backend';

/** Tencent Hunyuan Image. */
export const definition: BackendDefinition = {
  name: 'hunyuan',
  label: { en: 'Hunyuan', zh: '混元' },
  variables: [
    {
      name: 'HUNYUAN_SECRET_ID',
      meaning: {
        en: 'SecretId of a key pair (https://console.cloud.tencent.com/cam/capi). Images are paid for. Else TENCENTCLOUD_SECRET_ID.',
        zh: '密钥对的 SecretId（https://console.cloud.tencent.com/cam/capi）。生成图片会收费。未设置时使用 TENCENTCLOUD_SECRET_ID。',
      },
      secret: true,
    },
    {
      name: 'HUNYUAN_SECRET_KEY',
      meaning: {
        en: 'SecretKey of the same pair. Else TENCENTCLOUD_SECRET_KEY.',
        zh: '同一密钥对的 SecretKey。未设置时使用 TENCENTCLOUD_SECRET_KEY。',
      },
      secret: true,
    },
    {
      name: 'HUNYUAN_TOKEN',
      meaning: {
        en: 'Session token of temporary credentials. With the other pair: TENCENTCLOUD_SESSION_TOKEN.',
        zh: '临时密钥的会话令牌。使用另一对密钥时为 TENCENTCLOUD_SESSION_TOKEN。',
      },
      secret: true,
    },
    {
      name: 'HUNYUAN_API_KEY',
      meaning: {
        en: 'API key of TokenHub, for Image 3.0 and Hy-Image 3.5; used when no key pair is set.',
        zh: 'TokenHub 的 API 密钥，用于 Image 3.0 和 Hy-Image 3.5；没有设置密钥对时使用。',
      },
      secret: true,
    },
    {
      name: 'HUNYUAN_REGION',
      meaning: { en: 'Region. Default ap-guangzhou.', zh: '地域，默认 ap-guangzhou。' },
    },
    {
      name: 'HUNYUAN_API',
      meaning: {
        en: 'Which service draws: image-3.0 (default), tokenhub, hy-image-3.5 (newer; a lost answer is lost), 2023-09-01 (ended 2026-09-30).',
        zh: '使用哪个接口：image-3.0（默认）、tokenhub、hy-image-3.5（较新；回答一旦丢失就无法找回）、2023-09-01（已于 2026-09-30 下线）。',
      },
    },
    {
      name: 'HUNYUAN_ENDPOINT',
      meaning: {
        en: "Another address of the service, such as an emulator's: http://127.0.0.1:8700",
        zh: '服务的其他地址，例如模拟器的地址：http://127.0.0.1:8700',
      },
    },
    {
      name: 'HUNYUAN_MAX_CONCURRENT',
      meaning: {
        en: 'Jobs at once. Default 1, which is what an account has unless more was bought.',
        zh: '同时进行的任务数。默认 1，即没有额外购买时账号拥有的并发数。',
      },
    },
    {
      name: 'TENCENTCLOUD_SECRET_ID',
      meaning: { en: 'Used when HUNYUAN_SECRET_ID is not set.', zh: '没有设置 HUNYUAN_SECRET_ID 时使用。' },
      secret: true,
    },
    {
      name: 'TENCENTCLOUD_SECRET_KEY',
      meaning: { en: 'SecretKey of that pair.', zh: '该密钥对的 SecretKey。' },
      secret: true,
    },
    {
      name: 'TENCENTCLOUD_SESSION_TOKEN',
      meaning: { en: 'Session token of that pair.', zh: '该密钥对的会话令牌。' },
      secret: true,
    },
  ],
  whenAbsent: {
    en: 'HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY are not set. Make a key pair at https://console.cloud.tencent.com/cam/capi and set both; HUNYUAN_API=tokenhub and HUNYUAN_API=hy-image-3.5 need HUNYUAN_API_KEY instead.',
    zh: '未设置 HUNYUAN_SECRET_ID 和 HUNYUAN_SECRET_KEY。请在 https://console.cloud.tencent.com/cam/capi 创建密钥对并同时设置两者；HUNYUAN_API=tokenhub 或 HUNYUAN_API=hy-image-3.5 则需要 HUNYUAN_API_KEY。',
  },
  beforeFirstUse: {
    en: 'before the first paid call: with a key pair, activate the service at https://console.cloud.tencent.com/aiart; a sub-user of CAM needs aiart:SubmitTextToImageJob and aiart:QueryTextToImageJob (https://console.cloud.tencent.com/cam). With an API key, switch on post-paid billing for the model at https://console.cloud.tencent.com (search for TokenHub).',
    zh: '第一次付费调用之前：使用密钥对时，请在 https://console.cloud.tencent.com/aiart 开通服务；CAM 子用户需要 aiart:SubmitTextToImageJob 和 aiart:QueryTextToImageJob 权限（https://console.cloud.tencent.com/cam）。使用 API 密钥时，请在 https://console.cloud.tencent.com（搜索 TokenHub）为该模型开启后付费。',
  },
  loadMessages: () => import('@holodeck/hunyuan'),
  modelVariable: 'HUNYUAN_API',
  requestOptions: [
    'watermark=true|false',
    'rewritePrompt=true|false',
    'logoParam=<json>',
    'style=<code>',
    'clarity=x2|x4',
    'footnote=<text>',
  ],
  configure: async (environment) => {
    const { createHunyuanBackend, hunyuanOptionsFromEnvironment } = await import('@holodeck/hunyuan');
    const found = hunyuanOptionsFromEnvironment(environment);
    if (!found.configured) return undefined;
    const { options, maxConcurrent } = found;
    const { api = options.apiKey === undefined ? 'image-3.0' : 'tokenhub' } = options;
    const address = options.endpoint ?? (api === 'image-3.0' ? 'https://aiart.tencentcloudapi.com' : undefined);
    return {
      create: () => createHunyuanBackend(options),
      ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
      ...(address === undefined ? {} : { address }),
    };
  },
};
