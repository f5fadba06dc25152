import { readVariable } from '@holodeck/core/backend';
import type { Environment } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { configurationError, keyPage } from './hunyuan-options.ts';
import type { HunyuanApiName, HunyuanOptions } from './hunyuan-options.ts';
import { say } from './request-messages.ts';

/** What the environment says: options, or the reason why there are none. */
export type HunyuanEnvironment =
  | {
      readonly configured: true;
      readonly options: HunyuanOptions;
      /** `HUNYUAN_MAX_CONCURRENT`, for the client that drives the backend. */
      readonly maxConcurrent?: number;
    }
  | { readonly configured: false; readonly reason: Message };

/**
 * Reads `HUNYUAN_SECRET_ID`, `HUNYUAN_SECRET_KEY`, `HUNYUAN_TOKEN` (else `TENCENTCLOUD_SECRET_ID`, `_SECRET_KEY`,
 * `_SESSION_TOKEN`), `HUNYUAN_API_KEY` (TokenHub and Hy-Image 3.5; used when no pair is set), `HUNYUAN_REGION`, `HUNYUAN_API`,
 * `HUNYUAN_ENDPOINT` and `HUNYUAN_MAX_CONCURRENT`. Blank values and placeholders (`your_secret_id`, `xxx`, `<...>`,
 * `changeme`) count as unset.
 * @throws {ImageError} kind `auth` for half a pair, or credentials of the kind that `HUNYUAN_API` does not take; `invalid-request` for a
 *   malformed value; outcome `not-submitted`.
 */
export function hunyuanOptionsFromEnvironment(environment: Environment): HunyuanEnvironment {
  const pair =
    readPair(environment, 'HUNYUAN_SECRET_ID', 'HUNYUAN_SECRET_KEY', 'HUNYUAN_TOKEN') ??
    readPair(environment, 'TENCENTCLOUD_SECRET_ID', 'TENCENTCLOUD_SECRET_KEY', 'TENCENTCLOUD_SESSION_TOKEN');
  const apiKey = readVariable(environment, 'HUNYUAN_API_KEY');
  const api = readVariable(environment, 'HUNYUAN_API') as HunyuanApiName | undefined;
  // A pair that comes with a key is used, and the probe says what the key makes possible.
  const both = pair === undefined ? undefined : { ...pair, ...(apiKey === undefined ? {} : { apiKey }) };
  const credentials =
    api === 'tokenhub' || api === 'hy-image-3.5'
      ? keyOnly(apiKey)
      : (both ?? (api === undefined ? keyOnly(apiKey) : undefined));
  if (credentials === undefined) {
    const reason = notConfigured(api);
    // The other kind of credentials is there, so the backend is meant, and "not configured" would be the wrong thing to say.
    if (both !== undefined || apiKey !== undefined) throw configurationError(reason, 'auth');
    return { configured: false, reason };
  }
  const region = readVariable(environment, 'HUNYUAN_REGION');
  const endpoint = readVariable(environment, 'HUNYUAN_ENDPOINT');
  const maxConcurrent = readCount(environment, 'HUNYUAN_MAX_CONCURRENT');
  return {
    configured: true,
    options: {
      ...credentials,
      network: { environment },
      ...(region === undefined ? {} : { region }),
      ...(api === undefined ? {} : { api }),
      ...(endpoint === undefined ? {} : { endpoint }),
    },
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
  };
}

type Credentials = Pick<HunyuanOptions, 'secretId' | 'secretKey' | 'token' | 'apiKey'>;

function readPair(
  environment: Environment,
  idName: string,
  keyName: string,
  tokenName: string,
): Credentials | undefined {
  const secretId = readVariable(environment, idName);
  const secretKey = readVariable(environment, keyName);
  const token = readVariable(environment, tokenName);
  if (secretId === undefined && secretKey === undefined) return undefined;
  if (secretId === undefined || secretKey === undefined) {
    const [missing, present] = secretId === undefined ? [idName, keyName] : [keyName, idName];
    const names = { present, missing, page: keyPage };
    const isUnset = environment[missing] === undefined;
    throw configurationError(isUnset ? say('half-pair-unset', names) : say('half-pair-blank', names), 'auth');
  }
  return { secretId, secretKey, ...(token === undefined ? {} : { token }) };
}

function keyOnly(apiKey: string | undefined): Credentials | undefined {
  return apiKey === undefined ? undefined : { apiKey };
}

function notConfigured(api: string | undefined): Message {
  return api === 'tokenhub' || api === 'hy-image-3.5'
    ? say('key-unset', { api })
    : say('pair-unset', { page: keyPage });
}

function readCount(environment: Environment, name: string): number | undefined {
  const value = readVariable(environment, name);
  if (value === undefined) return undefined;
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw configurationError(say('count-variable', { variable: name, value: JSON.stringify(value) }));
}
