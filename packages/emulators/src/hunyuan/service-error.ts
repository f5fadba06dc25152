/**
 * Errors as the service words them. Codes: https://cloud.tencent.com/document/api/1668/88066; the texts of gateway
 * errors are those that users quote, others are worded after the code's meaning.
 */

/** Becomes `Response.Error`. */
export class ServiceError extends Error {
  readonly code: string;

  constructor(code: string, message: string = textOfCode(code)) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
  }
}

const texts: Readonly<Record<string, string>> = {
  'AuthFailure.InvalidAuthorization': 'The `Authorization` in the request header does not meet the requirements.',
  'AuthFailure.SecretIdNotFound': 'The SecretId is not found, please ensure that your SecretId is correct.',
  'AuthFailure.SignatureExpire':
    'Signature expired. The difference between the timestamp and the server time must not exceed five minutes.',
  'AuthFailure.SignatureFailure':
    'The provided credentials could not be validated. Please check your signature is correct.',
  'AuthFailure.TokenFailure': 'Token verification failed. Please check your token.',
  'AuthFailure.UnauthorizedOperation':
    'You are not authorized to perform operation (aiart:SubmitTextToImageJob). Please contact the account owner.',
  'FailedOperation.ConsoleServerError': '控制台服务异常。',
  'FailedOperation.GenerateImageFailed': '生成图片审核不通过，请重试。',
  'FailedOperation.ImageDecodeFailed': '图片解码失败。',
  'FailedOperation.ImageDownloadError': '图片下载错误。',
  'FailedOperation.InnerError': '服务内部错误，请重试。',
  'FailedOperation.JobNotExist': '任务不存在。',
  'FailedOperation.RequestEntityTooLarge': '整个请求体太大。',
  'FailedOperation.RequestTimeout': '后端服务超时。',
  'FailedOperation.RpcFail': 'RPC请求失败，一般为算法微服务故障。',
  'FailedOperation.ServerError': '服务内部错误，请重试。',
  'FailedOperation.Unknown': '未知错误，请重试。',
  FailedOperation: '操作失败。',
  InternalError: 'An internal error has occurred. Retry your request, but if the problem persists, contact us.',
  'InvalidParameterValue.ImageEmpty': '图片为空。',
  'InvalidParameterValue.LogoParamErr': '标识参数错误。',
  'InvalidParameterValue.ParameterValueError': '参数字段或者值有误。',
  'InvalidParameterValue.TextLengthExceed': '输入文本过长，请更换短一点的文本后重试。',
  'InvalidParameterValue.UrlIllegal': 'URL格式不合法。',
  'OperationDenied.ImageIllegalDetected': '图片包含违法违规信息，审核不通过。',
  'OperationDenied.TextIllegalDetected': '文本包含违法违规信息，审核不通过。',
  RequestLimitExceeded: '请求的次数超过了频率限制。',
  'RequestLimitExceeded.JobNumExceed': '当前已达到1个任务上限，请稍后重试',
  RequestSizeLimitExceeded: 'The request size exceeds the limit of 10 MB.',
  'ResourceUnavailable.InArrears': '账号已欠费。',
  'ResourceUnavailable.LowBalance': '余额不足。',
  'ResourceUnavailable.NotExist': '计费状态未知，请确认是否已在控制台开通服务。',
  'ResourceUnavailable.StopUsing': '账号已停服。',
  'ResourcesSoldOut.ChargeStatusException': '计费状态异常。',
  UnsupportedRegion: 'The action not support this region.',
};

function textOfCode(code: string): string {
  return texts[code] ?? `The request was refused (${code}).`;
}

export function missingParameter(name: string): ServiceError {
  return new ServiceError('MissingParameter', `The request is missing a required parameter \`${name}\`.`);
}

export function wrongValue(text: string): ServiceError {
  return new ServiceError('InvalidParameterValue.ParameterValueError', `参数字段或者值有误：${text}`);
}

export function jobLimitReached(limit: number): ServiceError {
  return new ServiceError('RequestLimitExceeded.JobNumExceed', `当前已达到${limit}个任务上限，请稍后重试`);
}
