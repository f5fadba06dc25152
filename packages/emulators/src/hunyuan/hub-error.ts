/** A refusal of TokenHub's gateway. https://cloud.tencent.com/document/product/1823/131595 */
import type { Reply } from '../base/exchange.ts';
import type { HunyuanSettings } from './hunyuan-settings.ts';

/** Thrown where a request is judged. Status 200 means that the error stands in the last frame of an answer. */
export class HubError extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string;

  constructor(status: number, type: string, code: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = code;
  }
}

/** Codes by which faults name a refusal, in the words of the other APIs or by TokenHub's own. */
const refusals: Readonly<Record<string, readonly [status: number, type: string, code: string, message: string]>> = {
  'RequestLimitExceeded.JobNumExceed': [
    429,
    'rate_limit_error',
    '429001',
    'The number of concurrent requests exceeds the limit.',
  ],
  RequestLimitExceeded: [429, 'rate_limit_error', '429001', 'rate limit exceeded on dimension: rpm'],
  'ResourceUnavailable.InArrears': [402, 'permission_error', '401007', '服务无可用免费体验额度，且未开启后付费'],
  '401007': [402, 'permission_error', '401007', 'endpoint is inactive: FREE_QUOTA_EXHAUSTED'],
  '401008': [402, 'permission_error', '401008', 'endpoint is inactive'],
  'AuthFailure.SecretIdNotFound': [401, 'authentication_error', '401002', 'invalid api key'],
  '401002': [401, 'authentication_error', '401002', 'invalid api key'],
  '403002': [403, 'permission_error', '403002', 'access denied: client IP 203.0.113.9 is not allowed'],
  '400004': [400, 'invalid_request_error', '400004', 'The model or service ID does not exist'],
  '500': [500, 'server_error', '500001', 'internal error'],
  '502001': [502, 'upstream_error', '502001', 'provider error'],
  DownloadImageFailed: [200, 'invalid_request_error', '400', 'code: 400, msg: download image failed'],
  'ResourceUnavailable.InterfaceNotExist': [
    200,
    'invalid_request_error',
    'ResourceUnavailable.InterfaceNotExist',
    'the interface does not exist',
  ],
};

/** The refusal of a fault. Moderation comes in one of three forms. */
export function refusalOf(code: string, message: string | undefined, { moderation }: HunyuanSettings): HubError {
  if (code.endsWith('IllegalDetected')) return moderated(moderation, 'input');
  const [status, type, own, text] = refusals[code] ?? [502, 'upstream_error', code, code];
  return new HubError(status, type, own, message ?? text);
}

/** Moderation, by one of the three forms that are documented. */
export function moderated(form: HunyuanSettings['moderation'], stage: 'input' | 'output'): HubError {
  if (form === 'http-422')
    return new HubError(422, 'invalid_request_error', '422', 'Input or output moderation failed');
  if (form === 'http-451') {
    return new HubError(451, 'content_filter_error', '451001', 'content was filtered by safety policy');
  }
  return new HubError(200, 'invalid_request_error', 'content_filter', `${stage} moderation rejected`);
}

/** The answer that carries a refusal. */
export function hubReply({ status, type, code, message }: HubError, requestId: string, createdMs: number): Reply {
  const error = { type, code, message, request_id: requestId };
  const headers = { 'content-type': 'application/json' };
  if (status !== 200) {
    const source = status >= 500 ? 'upstream' : status === 400 ? 'client' : 'gateway';
    return { status, headers, body: JSON.stringify({ error: { ...error, source } }) };
  }
  const frame = {
    id: `wand-${requestId}`,
    object: 'image.chat.completion.chunk',
    created: Math.floor(createdMs / 1000),
    model: 'HY-Image-3.5-Preview-Emulator',
    round: 0,
    choices: [{ index: 0, delta: {}, finish_reason: 'error' }],
    error,
  };
  // One code was seen without the frame around it.
  return { status, headers, body: JSON.stringify(code.includes('.') ? { error } : frame) };
}
