/** Image 3.0: service `aiart`, version 2022-12-29. https://cloud.tencent.com/document/product/1668/124632 */
import type { ApiAction } from './api-action.ts';
import { integerOf, judgeLogo, judgePrompt, judgeRevise, logoFields, queryFields, textOf } from './api-action.ts';
import type { JobRequest } from './job-board.ts';
import type { Parameters } from './parameters.ts';
import type { ReferenceRules } from './reference-images.ts';
import { readReference } from './reference-images.ts';
import { adaptSize, parseResolution } from './resolution.ts';
import { wrongValue } from './service-error.ts';

const promptLimit = 8192;
const maxReferences = 3;

const referenceRules: ReferenceRules = {
  formats: ['png', 'jpeg', 'bmp', 'tiff', 'webp'],
  minSide: 50,
  maxSide: 5000,
  base64Limit: 6 * 1024 * 1024,
};

const common = {
  api: 'image-3.0',
  service: 'aiart',
  version: '2022-12-29',
  regions: ['ap-guangzhou', 'ap-shanghai', 'ap-beijing'],
} as const;

export const image3Actions: readonly ApiAction[] = [
  {
    ...common,
    name: 'SubmitTextToImageJob',
    operation: 'submit',
    fields: {
      Prompt: { type: 'string', required: true },
      Images: { type: 'string[]' },
      Resolution: { type: 'string' },
      Seed: { type: 'integer' },
      Revise: { type: 'integer' },
      ...logoFields,
    },
    judge: judgeImage3,
  },
  { ...common, name: 'QueryTextToImageJob', operation: 'query', fields: queryFields },
];

/** Judges the values of a submission; TokenHub brings the same ones under other names. */
export async function judgeImage3(parameters: Parameters): Promise<JobRequest> {
  const prompt = textOf(parameters, 'Prompt') ?? '';
  judgePrompt(prompt, promptLimit);
  const requested = parseResolution(textOf(parameters, 'Resolution') ?? '1024:1024');
  const seed = integerOf(parameters, 'Seed');
  if (seed !== undefined && (seed < 1 || seed > 4_294_967_295)) throw wrongValue('Seed 取值范围为 1 到 4294967295');
  const revise = judgeRevise(parameters);
  judgeLogo(parameters);
  const images = Array.isArray(parameters['Images']) ? parameters['Images'].map(String) : [];
  if (images.length > maxReferences) throw wrongValue(`Images 最多支持 ${maxReferences} 张参考图`);
  const references = await Promise.all(images.map((image) => readReference(image, referenceRules)));
  const [first] = references;
  const hashes = references.map(({ hash }) => hash);
  return {
    prompt,
    revise,
    ...(seed === undefined ? {} : { seed }),
    ...(first?.size === undefined ? requested : adaptSize(requested, first.size)),
    images: 1,
    watermark: integerOf(parameters, 'LogoAdd') !== 0,
    ...(references.length === 0 ? {} : { look: hashes.join(), references: hashes }),
    ...(first?.bytes && { reference: first.bytes }),
  };
}
