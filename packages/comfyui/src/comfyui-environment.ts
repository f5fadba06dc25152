import { say } from './comfyui-messages.ts';
import type { ImageClientOptions } from '@holodeck/core';
import { isRecord, readVariable } from '@holodeck/core/backend';
import type { Environment } from '@holodeck/core/backend';
import { invalidOptions } from './comfyui-errors.ts';
import type { ComfyUIOptions, LoraOption } from './comfyui-options.ts';

/** What the environment says of ComfyUI. */
export interface ComfyUIEnvironment extends ComfyUIOptions, Pick<ImageClientOptions, 'timeoutMs'> {}

/**
 * Options from the environment: `COMFYUI_URL` (one URL, or several with commas), `COMFYUI_WORKFLOW` (a file in API format),
 * `COMFYUI_CHECKPOINT`, `COMFYUI_REFERENCE_MODEL`, `COMFYUI_LORAS` (names with commas between, each with `:strength` if not 1), `COMFYUI_TIMEOUT_MS` (of the client that drives the backend), `COMFYUI_HEADERS` (what a
 * proxy before the server wants: `Name: value`, or a JSON object of several).
 * Undefined where `COMFYUI_URL` is not set: a server that happens to run on this machine is not used automatically.
 *
 * @throws ImageError `invalid-request` where `COMFYUI_TIMEOUT_MS` is not a number, or `COMFYUI_HEADERS` is neither; the message does not repeat it, because it is secret.
 */
export function comfyuiOptionsFromEnvironment(environment: Environment = process.env): ComfyUIEnvironment | undefined {
  const urls = (readVariable(environment, 'COMFYUI_URL') ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  const [url] = urls;
  if (url === undefined) {
    return undefined;
  }
  const workflow = readVariable(environment, 'COMFYUI_WORKFLOW');
  const checkpoint = readVariable(environment, 'COMFYUI_CHECKPOINT');
  const referenceModel = readVariable(environment, 'COMFYUI_REFERENCE_MODEL');
  const loras = readVariable(environment, 'COMFYUI_LORAS');
  const timeoutMs = readTimeout(environment);
  const headers = readVariable(environment, 'COMFYUI_HEADERS');
  return {
    ...(urls.length === 1 ? { url } : { urls }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(referenceModel === undefined ? {} : { referenceModel }),
    ...(loras === undefined ? {} : { loras: loras.split(',').map(readLora) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(headers === undefined ? {} : { headers: readHeaders(headers) }),
  };
}

/** A name, with a strength after a colon. */
function readLora(text: string): LoraOption {
  const [, name = '', strength] = /^\s*(.*?)(?::(-?\d+(?:\.\d+)?))?\s*$/s.exec(text) ?? [];
  return { name, ...(strength === undefined ? {} : { strength: Number(strength) }) };
}

function readTimeout(environment: Environment): number | undefined {
  const text = readVariable(environment, 'COMFYUI_TIMEOUT_MS');
  if (text === undefined) {
    return undefined;
  }
  const timeoutMs = Number(text);
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1) {
    throw invalidOptions(say('timeout-variable', { value: JSON.stringify(text) }));
  }
  return timeoutMs;
}

function readHeaders(text: string): Record<string, string> {
  const [, name, value] = /^([\w-]+)\s*:\s*(\S.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) {
    return { [name]: value };
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message would repeat a part of it.
  }
  if (!isRecord(parsed) || !Object.values(parsed).every((one) => typeof one === 'string')) {
    throw invalidOptions(say('headers-variable'));
  }
  return parsed as Record<string, string>;
}
