/** The service's refusals: status, error body and headers. Codes as of the Images API, 2026. */

/** Thrown by the checks of a request and answered as it stands. */
export class OpenAIRefusal extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(fields: {
    status: number;
    message: string;
    type: string;
    code?: string | null;
    param?: string | null;
    headers?: Readonly<Record<string, string>>;
    details?: Readonly<Record<string, unknown>>;
  }) {
    super(fields.message);
    this.name = 'OpenAIRefusal';
    this.status = fields.status;
    this.type = fields.type;
    this.code = fields.code ?? null;
    this.param = fields.param ?? null;
    this.headers = fields.headers ?? {};
    this.details = fields.details ?? {};
  }

  /** `{ error: { message, type, param, code } }` */
  body(): string {
    const { message, type, param, code, details } = this;
    return JSON.stringify({ error: { message, type, param, code, ...details } });
  }
}

interface KnownCode {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly details?: Readonly<Record<string, unknown>>;
}

const image = 'image_generation_user_error';
const invalid = 'invalid_request_error';
const money = 'insufficient_quota';

const known: Readonly<Record<string, KnownCode>> = {
  moderation_blocked: {
    status: 400,
    type: image,
    message: 'Your request was stopped by the safety system.',
    details: { moderation_details: { moderation_stage: 'input', categories: ['violence'] } },
  },
  invalid_value: { status: 400, type: image, message: 'A value is not allowed.' },
  invalid_image_file: { status: 400, type: image, message: 'The image file cannot be read.', param: 'image' },
  invalid_input_fidelity_model: {
    status: 400,
    type: image,
    message: 'This model does not take input_fidelity.',
    param: 'input_fidelity',
  },
  unknown_parameter: { status: 400, type: invalid, message: 'Unknown parameter.' },
  unsupported_file_mimetype: {
    status: 400,
    type: invalid,
    message: 'The MIME type of the file is not supported; use image/jpeg, image/png or image/webp.',
    param: 'image',
  },
  invalid_type: { status: 400, type: invalid, message: 'A value has the wrong type.' },
  missing_required_parameter: { status: 400, type: invalid, message: 'A required parameter is missing.' },
  invalid_api_key: { status: 401, type: invalid, message: 'The API key that was sent is not correct.' },
  organization_not_verified: {
    status: 403,
    type: invalid,
    message: 'The organization must be verified before it may use this model.',
  },
  model_not_found: { status: 404, type: invalid, message: 'The model does not exist or this key has no access to it.' },
  rate_limit_exceeded: {
    status: 429,
    type: 'rate_limit_error',
    message: 'The rate limit for images is reached.',
    headers: { 'retry-after': '1' },
  },
  slow_down: {
    status: 429,
    type: 'rate_limit_error',
    message: 'The request rate rose too fast.',
    headers: { 'retry-after': '1' },
  },
  credit_balance_exhausted: { status: 429, type: money, message: 'No prepaid credit is left.' },
  organization_spend_limit_exceeded: { status: 429, type: money, message: 'The organization has reached its limit.' },
  project_spend_limit_exceeded: { status: 429, type: money, message: 'The project has reached its spending limit.' },
  organization_usage_limit_exceeded: { status: 429, type: money, message: 'The organization has reached its limit.' },
  insufficient_quota: { status: 429, type: money, message: 'The quota is used up; check plan and billing.' },
  billing_hard_limit_reached: { status: 400, type: image, message: 'The billing hard limit is reached.' },
  server_error: { status: 500, type: 'server_error', message: 'The server had an error while it made the image.' },
  server_is_overloaded: {
    status: 503,
    type: 'service_unavailable_error',
    message: 'The server is overloaded.',
    headers: { 'retry-after': '1' },
  },
};

/** What a `refuse` fault may change. */
export interface RefusalChanges {
  readonly message?: string;
  readonly status?: number;
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The service's refusal with this code; a code that is not known here becomes a plain 400. */
export function refusal(code: string, changes: RefusalChanges = {}): OpenAIRefusal {
  const base = known[code] ?? { status: 400, type: invalid, message: 'The request was refused.' };
  const withoutCode = code === 'organization_not_verified' || code === 'server_error';
  return new OpenAIRefusal({
    ...base,
    code: withoutCode ? null : code,
    ...changes,
    headers: { ...base.headers, ...changes.headers },
  });
}

/** A value that is not allowed, with the parameter's name. */
export function invalidValue(param: string, message: string): OpenAIRefusal {
  return refusal('invalid_value', { param, message });
}
