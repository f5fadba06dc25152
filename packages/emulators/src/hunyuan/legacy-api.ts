/**
 * The image API of 2023-09-01: service `hunyuan`. https://cloud.tencent.com/document/product/1729/105969; announced as
 * ended on 2026-09-30 (https://cloud.tencent.com/announce/detail/2405).
 */
import type { ApiAction } from './api-action.ts';
import {
  integerOf,
  judgeLogo,
  judgePrompt,
  judgeRevise,
  logoFields,
  objectOf,
  queryFields,
  textOf,
} from './api-action.ts';
import type { JobRequest } from './job-board.ts';
import type { Parameters } from './parameters.ts';
import type { Reference, ReferenceRules } from './reference-images.ts';
import { readReference } from './reference-images.ts';
import { ServiceError, wrongValue } from './service-error.ts';

const promptLimit = 1024;
const resolutions = '768:768 768:1024 1024:768 1024:1024 720:1280 1280:720 768:1280 1280:768'.split(' ');
const resolutionsWithReference = new Set(resolutions.slice(0, 4));
const styles = new Set(
  (
    'riman shuimo monai bianping xiangsu ertonghuiben 3dxuanran manhua heibaimanhua xieshi dongman bijiasuo ' +
    'saibopengke youhua masaike qinghuaci xinnianjianzhi xinnianhuayi'
  ).split(' '),
);
const clarities: Readonly<Record<string, number>> = { '': 1, x2: 2, x4: 4 };

const referenceRules: ReferenceRules = {
  formats: ['png', 'jpeg'],
  minSide: 1,
  maxSide: 4999,
  base64Limit: 8 * 1024 * 1024,
};

const common = {
  api: '2023-09-01',
  service: 'hunyuan',
  version: '2023-09-01',
  regions: ['ap-guangzhou'],
} as const;

export const legacyActions: readonly ApiAction[] = [
  {
    ...common,
    name: 'SubmitHunyuanImageJob',
    operation: 'submit',
    fields: {
      Prompt: { type: 'string', required: true },
      NegativePrompt: { type: 'string' },
      Style: { type: 'string' },
      Resolution: { type: 'string' },
      Num: { type: 'integer' },
      Clarity: { type: 'string' },
      ContentImage: { type: 'object', fields: { ImageUrl: { type: 'string' }, ImageBase64: { type: 'string' } } },
      Revise: { type: 'integer' },
      Seed: { type: 'integer' },
      ...logoFields,
    },
    judge,
  },
  { ...common, name: 'QueryHunyuanImageJob', operation: 'query', fields: queryFields },
];

async function judge(parameters: Parameters): Promise<JobRequest> {
  const prompt = textOf(parameters, 'Prompt') ?? '';
  const negative = textOf(parameters, 'NegativePrompt') ?? '';
  judgePrompt(prompt, promptLimit);
  if (negative !== '') judgePrompt(negative, promptLimit, 'NegativePrompt');
  const style = textOf(parameters, 'Style') ?? '';
  if (style !== '' && !styles.has(style)) throw wrongValue('Style 不在风格列表中');
  const images = integerOf(parameters, 'Num') ?? 1;
  if (images < 1 || images > 4) throw wrongValue('Num 取值范围为 1 到 4');
  const scale = clarities[textOf(parameters, 'Clarity') ?? ''];
  if (scale === undefined) throw wrongValue('Clarity 取值为 x2 或 x4');
  const seed = integerOf(parameters, 'Seed');
  if (seed !== undefined && seed < 1) throw wrongValue('Seed 应为正数');
  judgeLogo(parameters);
  const reference = await readContentImage(parameters);
  const size = judgeSize(textOf(parameters, 'Resolution'), reference);
  const look = [style, negative, reference?.hash ?? ''].join(' ').trim();
  return {
    prompt,
    // A reference forces rewriting.
    revise: judgeRevise(parameters) || reference !== undefined,
    ...(seed === undefined ? {} : { seed }),
    width: size.width * scale,
    height: size.height * scale,
    images,
    watermark: integerOf(parameters, 'LogoAdd') !== 0,
    ...(look === '' ? {} : { look }),
    ...(reference?.bytes && { reference: reference.bytes }),
  };
}

async function readContentImage(parameters: Parameters): Promise<Reference | undefined> {
  const image = objectOf(parameters, 'ContentImage');
  if (image === undefined) return undefined;
  const url = textOf(image, 'ImageUrl') ?? '';
  const content = url === '' ? (textOf(image, 'ImageBase64') ?? '') : url;
  if (content === '') throw new ServiceError('InvalidParameterValue.ImageEmpty');
  return readReference(content, referenceRules);
}

function judgeSize(
  resolution: string | undefined,
  reference: Reference | undefined,
): { width: number; height: number } {
  if (resolution === undefined || resolution === '') {
    const { width, height } = reference?.size ?? { width: 1024, height: 1024 };
    const scale = 1024 / Math.max(width, height);
    return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  }
  const isKnown = reference === undefined ? resolutions.includes(resolution) : resolutionsWithReference.has(resolution);
  if (!isKnown) throw wrongValue('Resolution 不支持');
  const [width = 1024, height = 1024] = resolution.split(':').map(Number);
  return { width, height };
}
