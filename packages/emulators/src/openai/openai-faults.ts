/** Faults that only this service has, beside the common ones. */
import type { CommonFaultKind } from '../base/fault.ts';
import { commonFaultKinds } from '../base/fault.ts';

/** What can go wrong with a request to OpenAI Images. */
export type OpenAIFaultKind =
  | CommonFaultKind
  /** 200 with an empty list of images; paid for. */
  | 'empty-list'
  /** 200 with an empty body; paid for. */
  | 'empty-body'
  /** 200 with only `{ error }`; `code`. Nothing is paid for. */
  | 'error-in-success'
  /** One image less than asked for. */
  | 'fewer-images'
  /** The base64 of the first image breaks off in the middle; the JSON around it is well. */
  | 'broken-base64'
  /** Base64 of a text instead of an image. */
  | 'not-an-image'
  /** A stream was asked for; plain JSON comes. */
  | 'json-instead-of-stream'
  /** The stream ends in good order, but without its last event. */
  | 'no-completed-event'
  /** An `error` event instead of the last one; `code`. */
  | 'error-event'
  /** The connection is reset before the last event. */
  | 'reset-in-stream';

export const openaiFaultKinds: readonly OpenAIFaultKind[] = [
  ...commonFaultKinds,
  'empty-list',
  'empty-body',
  'error-in-success',
  'fewer-images',
  'broken-base64',
  'not-an-image',
  'json-instead-of-stream',
  'no-completed-event',
  'error-event',
  'reset-in-stream',
];
