/** What can be changed while the emulator runs: by `set()`, or by the control endpoint's `settings`. */
import type { Duration } from '../base/random.ts';
import {
  duration,
  isAmount,
  isOptionalAmount,
  milliseconds,
  onOrOff,
  optionalBytes,
  optionalSize,
  rate,
} from '../base/settings.ts';
import type { SettingRules } from '../base/settings.ts';

/** The image APIs that the emulator speaks. */
export type HunyuanApi = 'image-3.0' | '2023-09-01' | 'tokenhub' | 'hy-image-3.5';

/** How the emulator of Tencent Hunyuan Image behaves; all may be changed while it runs. */
export interface HunyuanSettings {
  /** Jobs that an account may have at once. Default 1, as sold. */
  limit: number;
  /** How long a job takes, in milliseconds. Default 1500. */
  jobMs: Duration;
  /** The part of it that a job is told to be waiting ("1"), in milliseconds. Default: a tenth. */
  waitingMs: number | undefined;
  /** What rewriting the prompt adds, in milliseconds. Default 1000 (the service takes some 20 000). */
  rewriteMs: number;
  /** How long a slot stays taken after the job has ended, in milliseconds. Default 0. */
  slotTailMs: number;
  /** Submissions per second, or `off`. Default 20. */
  submitRate: number | 'off';
  /** Queries per second, or `off`. Default 20. */
  queryRate: number | 'off';
  /** What the three lists of a query look like before there is a picture. Default `empty`. */
  emptyArrays: 'empty' | 'null' | 'absent';
  /** Life of a picture's URL, in milliseconds. Default one hour. */
  urlLifeMs: number;
  /** Whether each query signs the URL again. Default false: later queries repeat the first URL. */
  resignUrls: boolean;
  /** Size of all pictures, whatever was asked for; for measurements. Default: as asked. */
  outputSize: { width: number; height: number } | undefined;
  /** Makes each picture's file this long. Default: as painted. */
  imageBytes: number | undefined;
  /** Hy-Image 3.5: pictures that an account may have drawn at once, or `off`. Default `off`, because no limit is published. */
  concurrency: number | 'off';
  /** Hy-Image 3.5: which of its three forms a refusal by moderation has. Default `in-200`. */
  moderation: 'http-422' | 'http-451' | 'in-200';
  /** Hy-Image 3.5: what an unknown field leads to; reports differ. Default `refuse`. */
  unknownFields: 'refuse' | 'ignore';
  /** Hy-Image 3.5: what an expired link in the history leads to; nobody knows. Default `accept`. */
  expiredHistory: 'accept' | 'refuse';
  /** Hy-Image 3.5: the size that the answer claims. Default: the file's. */
  reportedSize: { width: number; height: number } | undefined;
  /** Hy-Image 3.5: which fields report the tokens. Default `tokenhub`, as measured; the documentation shows `both`. */
  usageFields: 'tokenhub' | 'both' | 'none';
  /** Hy-Image 3.5: the form of its answer. Default `json`. */
  answerForm: 'json' | 'sse';
  /** How far the service's clock is ahead of this machine's, in milliseconds. Default 0. */
  clockSkewMs: number;
  /** APIs that have been ended; `true` means all. Default false. */
  retired: boolean | readonly HunyuanApi[];
  /** The code with which an ended TC3 API answers. Default `ResourceUnavailable.NotExist`, as users report. */
  retiredCode: string;
}

export const defaultSettings: HunyuanSettings = {
  limit: 1,
  jobMs: 1500,
  waitingMs: undefined,
  rewriteMs: 1000,
  slotTailMs: 0,
  submitRate: 20,
  queryRate: 20,
  emptyArrays: 'empty',
  urlLifeMs: 3_600_000,
  resignUrls: false,
  outputSize: undefined,
  imageBytes: undefined,
  concurrency: 'off',
  moderation: 'in-200',
  unknownFields: 'refuse',
  expiredHistory: 'accept',
  reportedSize: undefined,
  usageFields: 'tokenhub',
  answerForm: 'json',
  clockSkewMs: 0,
  retired: false,
  retiredCode: 'ResourceUnavailable.NotExist',
};

const hunyuanApis: readonly HunyuanApi[] = ['image-3.0', '2023-09-01', 'tokenhub', 'hy-image-3.5'];

/** What each setting may be. */
export const hunyuanRules: SettingRules<HunyuanSettings> = {
  limit: [(value) => Number.isInteger(value) && isAmount(value), 'a whole number from 0'],
  jobMs: duration,
  waitingMs: [isOptionalAmount, 'milliseconds'],
  rewriteMs: milliseconds,
  slotTailMs: milliseconds,
  submitRate: rate,
  queryRate: rate,
  emptyArrays: oneOf('empty', 'null', 'absent'),
  urlLifeMs: milliseconds,
  resignUrls: onOrOff,
  outputSize: optionalSize,
  imageBytes: optionalBytes,
  concurrency: rate,
  moderation: oneOf('http-422', 'http-451', 'in-200'),
  unknownFields: oneOf('refuse', 'ignore'),
  expiredHistory: oneOf('accept', 'refuse'),
  reportedSize: optionalSize,
  usageFields: oneOf('tokenhub', 'both', 'none'),
  answerForm: oneOf('json', 'sse'),
  clockSkewMs: [(value) => typeof value === 'number', 'milliseconds'],
  retired: [
    (value) => typeof value === 'boolean' || (Array.isArray(value) && value.every((api) => hunyuanApis.includes(api))),
    `true, false or a list of ${hunyuanApis.join(', ')}`,
  ],
  retiredCode: [(value) => typeof value === 'string', 'an error code'],
};

function oneOf(...values: readonly string[]): readonly [(value: unknown) => boolean, string] {
  return [(value) => values.includes(value as string), values.map((value) => `"${value}"`).join(' or ')];
}
