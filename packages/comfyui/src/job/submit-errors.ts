import { isRecord } from '@holodeck/core/backend';
import { quotable } from '../wire/caller-secrets.ts';
import { comfyuiError } from '../comfyui-errors.ts';
import { textOf } from '../wire/comfyui-wire.ts';
import type { ImageError, ImageErrorKind } from '@holodeck/core';
import type { HttpAnswer } from '../wire/comfyui-http.ts';
import type { Server } from '../comfyui-options.ts';
import type { NodeErrors } from '../wire/comfyui-wire.ts';

/** Who answered: its name for people, and what of its words is not repeated. */
type RefusingServer = Pick<Server, 'label' | 'secrets'>;

/** Inputs that name a file of a model. */
const modelInputs =
  /^(?:ckpt|unet|clip|vae|lora|control_net|model|style_model|clip_vision|upscale_model|gligen)_?name\d?$|_name$/;

function readNodeErrors(value: unknown): NodeErrors {
  const nodes = isRecord(value) ? Object.entries(value).filter(([, node]) => isRecord(node)) : [];
  return Object.fromEntries(nodes) as NodeErrors;
}

function choicesOf(extra: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const config = extra['input_config'];
  if (!Array.isArray(config)) {
    return undefined;
  }
  const options: unknown = Array.isArray(config[0])
    ? config[0]
    : isRecord(config[1])
      ? config[1]['options']
      : undefined;
  return Array.isArray(options) ? options.map(String) : undefined;
}

function describeNodeError(nodeId: string, className: string, error: Readonly<Record<string, unknown>>): string {
  const extra = isRecord(error['extra_info']) ? error['extra_info'] : {};
  const input = typeof extra['input_name'] === 'string' ? extra['input_name'] : undefined;
  const where = `node ${nodeId} (${className})`;
  if (error['type'] === 'value_not_in_list' && input !== undefined) {
    const choices = choicesOf(extra);
    const received = JSON.stringify(extra['received_value'] ?? null);
    if (choices === undefined) {
      return `${where}: ${input} = ${received} is not among the server's choices (${textOf(error['details'])})`;
    }
    const has = choices.length === 0 ? 'none' : choices.join(', ');
    const hint =
      modelInputs.test(input) && choices.length === 0
        ? '; put the file into the folder of ComfyUI that belongs to this loader and reload its model lists'
        : '';
    return `${where}: ${input} = ${received} is not there; the server has: ${has}${hint}`;
  }
  const details = typeof error['details'] === 'string' && error['details'] !== '' ? `: ${error['details']}` : '';
  return `${where}: ${textOf(error['message'], textOf(error['type'], 'invalid'))}${details}`;
}

/** One readable line for each fault that the server found in the graph, without the caller's secrets. */
export function describeNodeErrors(value: unknown, secrets: readonly string[]): string[] {
  return Object.entries(readNodeErrors(value)).flatMap(([id, node]) =>
    (Array.isArray(node.errors) ? node.errors : [])
      .filter(isRecord)
      .map((error) => quotable(describeNodeError(id, textOf(node.class_type, 'unknown'), error), secrets)),
  );
}

/** Output nodes that the server dropped although it took the rest of the graph. */
export function droppedOutputs(value: unknown): string[] {
  return [
    ...new Set(
      Object.values(readNodeErrors(value)).flatMap((node) =>
        Array.isArray(node.dependent_outputs) ? node.dependent_outputs : [],
      ),
    ),
  ];
}

function rejected(
  kind: ImageErrorKind,
  message: string,
  more: { code?: string; retryable?: boolean; retryAfterMs?: number } = {},
): ImageError {
  return comfyuiError({ kind, outcome: 'rejected', message, ...more });
}

function rejectedGraph(server: RefusingServer, answer: Readonly<Record<string, unknown>>): ImageError {
  const { label, secrets } = server;
  const error = isRecord(answer['error']) ? answer['error'] : {};
  const type = textOf(error['type'], 'invalid_prompt');
  const lines = describeNodeErrors(answer['node_errors'], secrets);
  const said = (value: unknown, fallback?: string): string => quotable(textOf(value, fallback), secrets);
  if (type === 'missing_node_type' || (type === 'invalid_prompt' && lines.length === 0)) {
    return rejected(
      'unsupported',
      `The ComfyUI server ${label} lacks a node of the workflow: ${said(error['message'])} (${said(error['details'])}). Install the custom node there (ComfyUI-Manager: "Install missing custom nodes"), or update ComfyUI.`,
      { code: type },
    );
  }
  const details = said(error['details']) === '' ? '' : ` (${said(error['details'])})`;
  const faults = lines.length > 0 ? lines.join('; ') : `${said(error['message'], 'no reason given')}${details}`;
  return rejected('invalid-request', `The ComfyUI server ${label} refuses the workflow: ${faults}.`, { code: type });
}

/** What an answer says of itself, in quotes: `{"error":{"message":...}}`, `{"error":"..."}` or `{"message":"..."}`. */
function wordsOf(body: unknown, secrets: readonly string[]): string {
  if (!isRecord(body)) {
    return '';
  }
  const { error } = body;
  const words = isRecord(error)
    ? textOf(error['message'], textOf(error['type']))
    : textOf(error, textOf(body['message']));
  const short = quotable(words, secrets).trim().replaceAll(/\s+/g, ' ').slice(0, 300);
  return short === '' ? '' : ` It says: "${short}".`;
}

/** A redirect: to a login page, to https, or to another path. */
function redirected({ label, secrets }: RefusingServer, answer: HttpAnswer): ImageError {
  const { status, location } = answer;
  const where = location === undefined ? '' : ` to ${quotable(location, secrets)}`;
  return comfyuiError({
    kind: 'bad-response',
    // Also where it says "moved for good": the request was sent, and may have been handed on. `locate` settles it.
    outcome: 'unknown',
    retryable: true,
    message: `${label} redirects POST /prompt${where} (HTTP ${status}). ${redirectRemedy}`,
    code: `http-${status}`,
  });
}

/** What to do about a server that redirects. */
export const redirectRemedy =
  'ComfyUI itself never does that: if it stands there, set COMFYUI_URL to that address; if it is a login page, give the key that the proxy wants in `headers` or COMFYUI_HEADERS.';

/**
 * What an answer to POST /prompt that is not a success means. A 4xx is the server's own refusal: nothing runs. A 5xx comes
 * as plain text, from ComfyUI or from a proxy before it, and does not tell whether the graph was queued: `unknown`, which
 * `locate` settles.
 */
export function refusalOf(refusing: RefusingServer, answer: HttpAnswer): ImageError {
  const { status } = answer;
  const { label: server, secrets } = refusing;
  const body = answer.json;
  const words = wordsOf(body, secrets);
  if (status === 400 && isRecord(body) && (isRecord(body['error']) || isRecord(body['node_errors']))) {
    return rejectedGraph(refusing, body);
  }
  switch (status) {
    case 401:
      return rejected(
        'auth',
        `The server before ComfyUI at ${server} wants a login (HTTP 401). Give its key in \`headers\` or COMFYUI_HEADERS, or its user in the URL.${words}`,
      );
    case 402:
      return rejected('quota', `The server at ${server} has no credit left for this account (HTTP 402).${words}`);
    case 403:
      return rejected(
        'auth',
        `ComfyUI at ${server} refuses the request (HTTP 403): a proxy wants other \`headers\`, or an Origin header was added on the way that does not match the server's host.${words}`,
      );
    case 404:
    case 405:
      return comfyuiError({
        kind: 'unavailable',
        outcome: 'not-submitted',
        message: `There is no ComfyUI at ${server}: it answers HTTP ${status} to POST /prompt. Check the URL and its path prefix.`,
      });
    case 413:
      return rejected(
        'invalid-request',
        `The workflow is larger than ComfyUI at ${server} takes (HTTP 413). Raise its --max-upload-size or send less.`,
      );
    case 429:
      return rejected('rate-limit', `The server at ${server} takes no more jobs now (HTTP 429).${words}`, {
        retryable: true,
        ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
      });
    default:
      if (status >= 300 && status < 400) {
        return redirected(refusing, answer);
      }
      return status >= 400 && status < 500
        ? rejected('invalid-request', `The server at ${server} refuses the workflow (HTTP ${status}).${words}`)
        : comfyuiError({
            kind: status >= 500 ? 'unavailable' : 'bad-response',
            outcome: 'unknown',
            retryable: true,
            message: `The server at ${server} answers HTTP ${status} to POST /prompt, which does not tell whether the job is queued. Its log says more.`,
            code: `http-${status}`,
          });
  }
}
