/** An action of the TC3 gateway, and what the image actions have in common. */
import { readImageHeader } from '../base/image-header.ts';
import type { HunyuanApi } from './hunyuan-settings.ts';
import type { JobRequest, Outcome } from './job-board.ts';
import type { Field, Fields, Parameters } from './parameters.ts';
import { ServiceError, wrongValue } from './service-error.ts';

export interface ApiAction {
  readonly api: HunyuanApi;
  readonly service: 'aiart' | 'hunyuan';
  readonly version: string;
  readonly name: string;
  readonly operation: 'submit' | 'query';
  readonly regions: readonly string[];
  readonly fields: Fields;
  /** Judges a submission's values. @throws {ServiceError} */
  readonly judge?: (parameters: Parameters) => Promise<JobRequest>;
}

export const queryFields: Fields = { JobId: { type: 'string', required: true } };

const integer: Field = { type: 'integer' };

export const logoFields: Fields = {
  LogoAdd: integer,
  LogoParam: {
    type: 'object',
    fields: {
      LogoUrl: { type: 'string' },
      LogoImage: { type: 'string' },
      LogoRect: { type: 'object', fields: { X: integer, Y: integer, Width: integer, Height: integer } },
    },
  },
};

export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === 'string' ? value : undefined;
}

export function integerOf(parameters: Parameters, name: string): number | undefined {
  const value = parameters[name];
  return typeof value === 'number' ? value : undefined;
}

export function objectOf(parameters: Parameters, name: string): Parameters | undefined {
  const value = parameters[name];
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

/** Checks a prompt: not empty, not too long (in characters), and not refused by moderation. */
export function judgePrompt(prompt: string, limit: number, name: string = 'Prompt'): void {
  if (prompt.trim() === '') throw wrongValue(`${name} 不能为空`);
  if (Array.from(prompt).length > limit) throw new ServiceError('InvalidParameterValue.TextLengthExceed');
  if (/__illegal__|违禁/.test(prompt)) throw new ServiceError('OperationDenied.TextIllegalDetected');
}

/** Checks the watermark's parameters. */
export function judgeLogo(parameters: Parameters): void {
  const logo = objectOf(parameters, 'LogoParam');
  if (logo === undefined) return;
  const url = textOf(logo, 'LogoUrl');
  if (url !== undefined && url !== '' && !/^https?:\/\//i.test(url))
    throw new ServiceError('InvalidParameterValue.UrlIllegal');
  const image = textOf(logo, 'LogoImage') ?? '';
  const rectangle = objectOf(logo, 'LogoRect');
  const sides = rectangle === undefined ? [] : ['Width', 'Height'].map((name) => integerOf(rectangle, name) ?? 1);
  if ((image !== '' && readImageHeader(Buffer.from(image, 'base64')) === undefined) || sides.some((side) => side <= 0))
    throw new ServiceError('InvalidParameterValue.LogoParamErr');
}

/** 0 or 1; absent means 1. */
export function judgeRevise(parameters: Parameters): boolean {
  const revise = integerOf(parameters, 'Revise') ?? 1;
  if (revise !== 0 && revise !== 1) throw wrongValue('Revise 取值为 0 或 1');
  return revise === 1;
}

/** What a job of this prompt comes to, without a fault: `__illegal_output__` in it fails the finished picture's review. */
export function outcomeOfPrompt(prompt: string): Outcome {
  if (!prompt.includes('__illegal_output__')) return { kind: 'succeed' };
  const { code, message } = new ServiceError('OperationDenied.ImageIllegalDetected');
  return { kind: 'fail', code, message };
}
