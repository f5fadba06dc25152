/**
 * Tencent Cloud's API gateway before the image services: the TC3 signature, common headers, rates, fields, and the
 * envelope in which every answer comes with status 200.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Exchange } from '../base/exchange.ts';
import { isRecord } from '../base/is-record.ts';
import type { ApiAction } from './api-action.ts';
import type { HunyuanSettings } from './hunyuan-settings.ts';
import type { Account } from './job-board.ts';
import type { Parameters } from './parameters.ts';
import { checkParameters, parseQuery } from './parameters.ts';
import type { RateWindow } from './rate-window.ts';
import { ServiceError, missingParameter } from './service-error.ts';
import { parseAuthorization, verifySignature } from './tc3.ts';

const fiveMinutesMs = 300_000;
/** https://cloud.tencent.com/document/api/1668/88064: a signed POST may be 10 MB long. */
export const requestSizeLimit: number = 10 * 1024 * 1024;

export interface GatewayOptions {
  accounts: readonly Account[];
  actions: readonly ApiAction[];
  regions: readonly string[] | undefined;
  settings: () => HunyuanSettings;
  rates: RateWindow;
  /** For signatures; jobs may follow another clock. */
  wallClock: Pick<Clock, 'now'>;
}

/** A call that the gateway let through. */
export interface Call {
  readonly action: ApiAction;
  readonly account: Account;
  readonly parameters: Parameters;
}

export class Gateway {
  readonly #options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** The action that a request names, whether or not it may be called. */
  actionOf(exchange: Exchange): ApiAction | undefined {
    const name = header(exchange, 'x-tc-action');
    return this.#options.actions.find((action) => action.name === name);
  }

  /** Who calls, after all that is checked before the body is looked at. @throws {ServiceError} */
  admit(exchange: Exchange, body: Uint8Array | undefined): { action: ApiAction; account: Account } {
    if (body === undefined) throw new ServiceError('RequestSizeLimitExceeded');
    const timestamp = header(exchange, 'x-tc-timestamp');
    if (timestamp === '') throw missingParameter('Timestamp');
    const action = this.#findAction(exchange);
    const account = this.#authenticate(exchange, body, timestamp, action);
    this.#checkRegion(header(exchange, 'x-tc-region'), action);
    this.#countRate(header(exchange, 'x-tc-region'), action, account);
    this.#checkAlive(action);
    return { action, account };
  }

  /** The call's fields, required, typed and known. @throws {ServiceError} */
  readParameters(exchange: Exchange, body: Uint8Array, action: ApiAction): Parameters {
    if (exchange.request.method === 'GET')
      return checkParameters(parseQuery(exchange.url.searchParams, action.fields), action.fields);
    return checkParameters(parseBody(body), action.fields);
  }

  #findAction(exchange: Exchange): ApiAction {
    const name = header(exchange, 'x-tc-action');
    const version = header(exchange, 'x-tc-version');
    if (name === '') throw missingParameter('Action');
    if (version === '') throw missingParameter('Version');
    const { actions } = this.#options;
    const product = /^([a-z0-9]+)\..*tencentcloudapi\.com(:\d+)?$/.exec(header(exchange, 'host'))?.[1];
    const offered = actions.filter((action) => product === undefined || action.service === product);
    if (offered.length === 0) throw new ServiceError('NoSuchProduct', `The product \`${product}\` does not exist.`);
    if (!offered.some((action) => action.version === version))
      throw new ServiceError('NoSuchVersion', `The version \`${version}\` does not exist for this product.`);
    const found = offered.find((action) => action.name === name && action.version === version);
    if (found === undefined)
      throw new ServiceError('InvalidAction', `The request action \`${name}\` is invalid or does not exist.`);
    return found;
  }

  #authenticate(exchange: Exchange, body: Uint8Array, timestamp: string, action: ApiAction): Account {
    const authorization = parseAuthorization(header(exchange, 'authorization'));
    if (authorization === undefined) throw new ServiceError('AuthFailure.InvalidAuthorization');
    const { accounts, wallClock, settings } = this.#options;
    const now = wallClock.now() + settings().clockSkewMs;
    if (!/^\d{1,11}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1000) > fiveMinutesMs)
      throw new ServiceError('AuthFailure.SignatureExpire');
    const account = accounts.find(({ secretId }) => secretId === authorization.secretId);
    if (account === undefined) throw new ServiceError('AuthFailure.SecretIdNotFound');
    if (!isScope(authorization.service, action, header(exchange, 'host')))
      throw new ServiceError('AuthFailure.SignatureFailure');
    const { request, url } = exchange;
    const query = request.url?.slice(url.pathname.length).replace(/^\?/, '') ?? '';
    const headers = Object.fromEntries(Object.keys(request.headers).map((name) => [name, header(exchange, name)]));
    const signed = { method: request.method ?? 'POST', query, headers, body, timestamp };
    if (!verifySignature(signed, authorization, account.secretKey))
      throw new ServiceError('AuthFailure.SignatureFailure');
    if (header(exchange, 'x-tc-token') !== (account.token ?? '')) throw new ServiceError('AuthFailure.TokenFailure');
    return account;
  }

  #checkRegion(region: string, action: ApiAction): void {
    if (region === '') throw missingParameter('Region');
    if (!/^[a-z]{2,4}-[a-z]+(-[a-z0-9]+)*$/.test(region))
      throw new ServiceError(
        'InvalidParameterValue',
        `The value \`${region}\` specified in the parameter \`X-TC-Region\` is not valid.`,
      );
    if (!(this.#options.regions ?? action.regions).includes(region)) throw new ServiceError('UnsupportedRegion');
  }

  #countRate(region: string, action: ApiAction, account: Account): void {
    const { submitRate, queryRate } = this.#options.settings();
    const rate = action.operation === 'submit' ? submitRate : queryRate;
    if (rate === 'off') return;
    const seen = this.#options.rates.exceeds(`${action.name} ${region} ${account.secretId}`, rate);
    if (seen === undefined) return;
    const text = `您当前每秒请求 \`${seen}\` 次，超过了每秒频率上限 \`${rate}\` 次，请稍后再试。`;
    throw new ServiceError('RequestLimitExceeded', text);
  }

  #checkAlive(action: ApiAction): void {
    const { retired, retiredCode } = this.#options.settings();
    if (retired === true || (Array.isArray(retired) && retired.includes(action.api)))
      throw new ServiceError(retiredCode);
  }
}

/** A header's value, or the empty string. */
export function header(exchange: Exchange, name: string): string {
  return [exchange.request.headers[name] ?? ''].flat().join(', ');
}

/** The product's own name, or the first label of the endpoint, which is what the Node SDK signs with. */
function isScope(service: string, action: ApiAction, host: string): boolean {
  const label = host.split('.')[0] ?? '';
  return [action.service, label, label.replace(/:\d+$/, '')].includes(service);
}

/** A body that is not UTF-8 counts as empty, so the service reports the first required field as missing. */
function parseBody(body: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return {};
  }
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ServiceError('InvalidParameter', 'The request body is not valid JSON.');
  }
  if (!isRecord(value)) throw new ServiceError('InvalidParameter', 'The request body is not a JSON object.');
  return JSON.stringify(value).isWellFormed() && !/\\ud[89a-f][0-9a-f]{2}/i.test(JSON.stringify(value)) ? value : {};
}

/** The envelope of every answer. */
export function envelope(response: Readonly<Record<string, unknown>>): { body: string; requestId: string } {
  const requestId = randomUUID();
  return { body: JSON.stringify({ Response: { ...response, RequestId: requestId } }), requestId };
}
