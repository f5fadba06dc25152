import type { ImageErrorKind } from '@holodeck/core';

/** What the user has to do, where the code alone says it. */
export type Advice =
  | 'activate'
  | 'permission'
  | 'balance'
  | 'credentials'
  | 'clock'
  | 'address'
  | 'ended'
  | 'region'
  | 'moderation'
  | 'slots'
  | 'post-paid'
  | 'route'
  | 'report';

/** What a code of the service means. */
export interface CodeMeaning {
  readonly kind: ImageErrorKind;
  /** Whether the same request may succeed later. Default false. */
  readonly retryable?: boolean;
  /**
   * For a submission: `rejected` (default) = nothing runs; `unknown` = the job may exist nevertheless; `failed` = the picture
   * was drawn and withheld.
   */
  readonly outcome?: 'unknown' | 'failed';
  readonly advice?: Advice;
}

const transient: CodeMeaning = { kind: 'unavailable', retryable: true };
const ambiguous: CodeMeaning = { kind: 'unavailable', outcome: 'unknown' };
const input: CodeMeaning = { kind: 'invalid-request' };
const moderated: CodeMeaning = { kind: 'content-policy', advice: 'moderation' };
const money: CodeMeaning = { kind: 'quota', advice: 'balance' };
const credentials: CodeMeaning = { kind: 'auth', advice: 'credentials' };
const permission: CodeMeaning = { kind: 'auth', advice: 'permission' };
const inactive: CodeMeaning = { kind: 'auth', advice: 'activate' };
const address: CodeMeaning = { kind: 'auth', advice: 'address' };
const ended: CodeMeaning = { kind: 'unavailable', advice: 'ended' };
const rate: CodeMeaning = { kind: 'rate-limit', retryable: true };

/**
 * Codes of the image actions and of the API gateway. Sources: the lists per action of the vendor's SDKs
 * (https://github.com/TencentCloud/tencentcloud-sdk-go, aiart/v20221229 and hunyuan/v20230901),
 * https://cloud.tencent.com/document/product/1527/89588 and https://cloud.tencent.com/api/error-center?product=aiart.
 * Not every code that the service sends is declared there, so the part before the first dot is listed too.
 */
const meanings: Readonly<Record<string, CodeMeaning>> = {
  // Limits. Only JobNumExceed counts jobs at once; all others count requests per second.
  'RequestLimitExceeded.JobNumExceed': { kind: 'concurrency-limit', retryable: true, advice: 'slots' },
  RequestLimitExceeded: rate,
  'FailedOperation.EngineServerLimitExceeded': rate,
  LimitExceeded: money,

  // Faults at the vendor that are known to pass.
  'FailedOperation.ServerError': transient,
  'FailedOperation.InnerError': transient,
  'FailedOperation.RpcFail': transient,
  'FailedOperation.Unknown': transient,
  'FailedOperation.ConsoleServerError': transient,
  'FailedOperation.EngineServerError': transient,
  'FailedOperation.EngineRequestTimeout': transient,
  'FailedOperation.ImageDownloadError': transient,
  'FailedOperation.DownloadError': transient,
  InternalError: transient,
  ServiceUnavailable: transient,
  ResourceInUse: transient,

  // The job may exist, and without its id nobody can look it up.
  'FailedOperation.RequestTimeout': { kind: 'timeout', outcome: 'unknown' },
  RequestTimeout: { kind: 'timeout', outcome: 'unknown' },
  FailedOperation: ambiguous,

  // The request.
  'FailedOperation.ImageDecodeFailed': input,
  'FailedOperation.ImageResolutionExceed': input,
  'FailedOperation.ImageSizeExceed': input,
  'FailedOperation.RequestEntityTooLarge': input,
  InvalidParameter: input,
  InvalidParameterValue: input,
  'InvalidParameter.InvalidParameter': input,
  'InvalidParameterValue.ImageEmpty': input,
  'InvalidParameterValue.LogoParamErr': input,
  'InvalidParameterValue.ParameterValueError': input,
  'InvalidParameterValue.TextLengthExceed': input,
  'InvalidParameterValue.UrlIllegal': input,
  InvalidRequest: input,
  MissingParameter: input,
  UnknownParameter: input,
  RequestSizeLimitExceeded: input,
  ResponseSizeLimitExceeded: input,
  ResourceNotFound: input,
  DryRunOperation: input,
  OperationDenied: input,

  // Moderation. A picture that fails its review was drawn; another seed may pass.
  'OperationDenied.TextIllegalDetected': moderated,
  'OperationDenied.ImageIllegalDetected': moderated,
  'FailedOperation.ModerationFailed': moderated,
  'FailedOperation.GenerateImageFailed': { ...moderated, outcome: 'failed', retryable: true },

  // Activation and money.
  'ResourceUnavailable.NotExist': inactive,
  'FailedOperation.ServiceNotActivated': inactive,
  'ResourceUnavailable.InArrears': money,
  'ResourceUnavailable.LowBalance': money,
  'ResourceUnavailable.StopUsing': money,
  'ResourceUnavailable.InterfaceNotExist': ended,
  'ResourcesSoldOut.ChargeStatusException': money,
  ResourcesSoldOut: money,
  ResourceInsufficient: money,
  'FailedOperation.FreeResourcePackExhausted': money,
  'FailedOperation.ResourcePackExhausted': money,
  'FailedOperation.ServiceStop': money,
  'FailedOperation.ServiceStopArrears': money,
  'FailedOperation.SetPayModeExceed': money,
  ResourceUnavailable: { kind: 'unavailable', advice: 'activate' },

  // Keys and permissions.
  AuthFailure: credentials,
  'AuthFailure.SignatureExpire': { kind: 'auth', advice: 'clock' },
  'AuthFailure.UnauthorizedOperation': permission,
  UnauthorizedOperation: permission,
  'FailedOperation.UserUnAuthError': permission,
  'FailedOperation.PartnerAccountUnSupport': permission,
  IpInBlacklist: address,
  IpNotInWhitelist: address,

  // TokenHub's errors by their HTTP status (https://cloud.tencent.com/document/product/1823/131595). An error from upstream
  // carries the code of the service behind it, and that code is looked up instead.
  'TokenHub.400': input,
  'TokenHub.401': credentials,
  'TokenHub.402': money,
  'TokenHub.403': permission,
  'TokenHub.404': input,
  'TokenHub.413': input,
  'TokenHub.422': moderated,
  'TokenHub.429': rate,
  'TokenHub.451': moderated,
  'TokenHub.503': transient,
  TokenHub: ambiguous,
  // Codes that say more than the status.
  'TokenHub.400004': { kind: 'invalid-request', advice: 'route' },
  'TokenHub.401007': { kind: 'quota', advice: 'post-paid' },
  'TokenHub.401008': { kind: 'quota', advice: 'post-paid' },
  'TokenHub.403004': { kind: 'quota', advice: 'post-paid' },
  'TokenHub.403002': address,

  // Refusals of the routes without jobs, by what their texts say (see wire/wand-answer.ts). Moderation that may have looked at
  // the finished picture counts as paid.
  'Wand.concurrency': { kind: 'concurrency-limit', retryable: true },
  'Wand.input': moderated,
  'Wand.output': { ...moderated, outcome: 'failed' },
  'Wand.download': transient,
  Wand: ambiguous,

  // The service itself.
  ActionOffline: ended,
  InvalidAction: ended,
  NoSuchProduct: ended,
  NoSuchVersion: ended,
  UnsupportedRegion: { kind: 'unsupported', advice: 'region' },
  UnsupportedOperation: { kind: 'unsupported' },
  UnsupportedProtocol: { kind: 'unsupported' },
};

// An error in the service's own form with an unknown code: it is a refusal, and repeating the request blindly does not help.
const unknownCode: CodeMeaning = { kind: 'unavailable', advice: 'report' };

/** The exact code first, then the part before the first dot. */
export function meaningOf(code: string): CodeMeaning {
  return own(code) ?? own(code.split('.')[0] ?? '') ?? unknownCode;
}

// By their last part, for job errors: the documentation writes both `ServerError` and `FailedOperation.DownloadError`.
const byLastPart: ReadonlyMap<string, CodeMeaning> = new Map(
  Object.entries(meanings)
    .filter(([code]) => code.includes('.'))
    .map(([code, meaning]) => [code.slice(code.indexOf('.') + 1), meaning]),
);

/** The meaning of `JobErrorCode`, with or without its prefix; undefined for an unknown code. */
export function meaningOfJobError(code: string): CodeMeaning | undefined {
  const bare = code.slice(code.indexOf('.') + 1);
  const exact = own(code) ?? byLastPart.get(bare);
  if (exact !== undefined && code !== 'FailedOperation') return exact;
  const prefix = code.split('.')[0] ?? '';
  return code === 'FailedOperation' || prefix === 'FailedOperation' ? undefined : own(prefix);
}

/** Whether the service says that it has no such job. Some of its products write `JobNotFound`. */
export function isJobNotExist(code: string): boolean {
  const bare = code.slice(code.indexOf('.') + 1);
  return bare === 'JobNotExist' || bare === 'JobNotFound';
}

/** Whether exactly this code stands in the table. */
export function isKnownCode(code: string): boolean {
  return own(code) !== undefined;
}

function own(code: string): CodeMeaning | undefined {
  return Object.hasOwn(meanings, code) ? meanings[code] : undefined;
}
