import { readVariable } from '@holodeck/core/backend';
import type { BackendDefinition } from '@holodeck/core/backend';

/** What a program with several backends knows of this one: `HOLODECK_BACKENDS=./postcard-definition.ts` adds it. */
export const definition: BackendDefinition = {
  name: 'postcard',
  label: { en: 'Postcard', zh: '明信片' },
  variables: [
    {
      name: 'POSTCARD_URL',
      meaning: { en: 'Address of the service.', zh: '服务地址。' },
    },
    {
      name: 'POSTCARD_KEY',
      meaning: { en: 'Key of the account.', zh: '账号的密钥。' },
      secret: true,
    },
  ],
  whenAbsent: {
    en: 'POSTCARD_URL and POSTCARD_KEY are not set. Set both.',
    zh: '未设置 POSTCARD_URL 和 POSTCARD_KEY。请同时设置。',
  },
  prices: { postcard: { perImage: 0.5, currency: 'EUR' } },
  configure: async (environment) => {
    const url = readVariable(environment, 'POSTCARD_URL');
    const key = readVariable(environment, 'POSTCARD_KEY');
    if (url === undefined || key === undefined) return undefined;
    const { PostcardBackend } = await import('./postcard-backend.ts');
    return { create: () => new PostcardBackend({ url, key }), address: url };
  },
};
