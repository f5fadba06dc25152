import { defineMessages } from '@holodeck/core';
import type { Say } from '@holodeck/core';

const table = {
  unknown: { en: 'HOLODECK_BACKENDS names "{entry}", which is not known. It may list {known}, and modules such as ./my-backend.ts.', zh: 'HOLODECK_BACKENDS 中的 "{entry}" 不是已知的后端。可以列出 {known}，以及 ./my-backend.ts 这样的模块。' },
  module: { en: 'HOLODECK_BACKENDS names {entry}, which is not a backend: {problem}.', zh: 'HOLODECK_BACKENDS 中的 {entry} 不是后端：{problem}。' },
  'not-configured': { en: 'HOLODECK_BACKENDS names {name}, but it is not configured: {reason}', zh: 'HOLODECK_BACKENDS 中有 {name}，但它没有配置：{reason}' },
} as const;

/** Says what is wrong with the configuration of backends. */
export const say: Say<typeof table> = defineMessages('registry', table);
