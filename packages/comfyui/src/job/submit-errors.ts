import { cleanMessage, joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { say } from '../comfyui-messages.ts';
import { isRecord } from '@holodeck/core/backend';
import { quotable } from '../wire/caller-secrets.ts';
import { comfyuiError, joinFaults } from '../comfyui-errors.ts';
import { listNames } from '../list-names.ts';
import type { ImageErrorFields } from '@holodeck/core/backend';
import { packOf } from '../ui-workflow/node-packs.ts';
import { textOf } from '../wire/comfyui-wire.ts';
import type { ImageError, ImageErrorKind } from '@holodeck/core';
import type { HttpAnswer } from '../wire/comfyui-http.ts';
import type { Server } from '../comfyui-options.ts';
import type { NodeErrors } from '../wire/comfyui-wire.ts';

/** The server that answered: its name for people, and the secrets to blank in its words. */
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

function describeNodeError(node: string, type: string, error: Readonly<Record<string, unknown>>): Message {
  const extra = isRecord(error['extra_info']) ? error['extra_info'] : {};
  const input = typeof extra['input_name'] === 'string' ? extra['input_name'] : undefined;
  const place = { node, type };
  const details = textOf(error['details']);
  if (error['type'] === 'value_not_in_list' && input !== undefined) {
    const choices = choicesOf(extra);
    const value = JSON.stringify(extra['received_value'] ?? null);
    if (choices === undefined) {
      return say('node-choice', { ...place, input, value, details });
    }
    return choices.length > 0
      ? say('node-missing-value', { ...place, input, value, choices: listNames(choices) })
      : say(modelInputs.test(input) ? 'node-missing-model' : 'node-missing-any', { ...place, input, value });
  }
  const [, file] = /Invalid image file: (.*)$/s.exec(details) ?? [];
  if (error['type'] === 'custom_validation_failed' && file !== undefined) {
    return say('node-picture', { ...place, file: JSON.stringify(file) });
  }
  const link = linkError(place, textOf(extra['exception_type']), details);
  if (link !== undefined) {
    return link;
  }
  const words = textOf(error['message'], textOf(error['type'], 'invalid'));
  return details === ''
    ? say('node-error', { ...place, error: words })
    : say('node-error-details', { ...place, error: words, details });
}

/** A link that leads nowhere makes the server's own check fail, with the words of Python: `'9'`, `1`, or an index. */
function linkError(place: { node: string; type: string }, exception: string, details: string): Message | undefined {
  if (exception === 'IndexError') {
    return say('node-link-output', place);
  }
  const [, text, number] = exception === 'KeyError' ? (/^(?:'(.+)'|(\d+))$/.exec(details) ?? []) : [];
  if (number !== undefined) {
    return say('node-link-number', { ...place, other: number });
  }
  return text === undefined ? undefined : say('node-link', { ...place, other: JSON.stringify(text) });
}

/** One message for each fault that the server found in the graph, without the caller's secrets. */
export function describeNodeErrors(value: unknown, secrets: readonly string[]): Message[] {
  return Object.entries(readNodeErrors(value)).flatMap(([id, node]) =>
    (Array.isArray(node.errors) ? node.errors : [])
      .filter(isRecord)
      .map((error) =>
        cleanMessage(describeNodeError(id, textOf(node.class_type, 'unknown'), error), (text) =>
          quotable(text, secrets),
        ),
      ),
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
  said: Message,
  more: { code?: string; retryable?: boolean; retryAfterMs?: number | undefined } = {},
): ImageError {
  return comfyuiError({ kind, outcome: 'rejected', ...said, ...more } as ImageErrorFields);
}

function rejectedGraph(server: RefusingServer, answer: Readonly<Record<string, unknown>>): ImageError {
  const { label, secrets } = server;
  const error = isRecord(answer['error']) ? answer['error'] : {};
  const code = quotable(textOf(error['type'], 'invalid_prompt'), secrets);
  const faults = describeNodeErrors(answer['node_errors'], secrets);
  const words = quotable(textOf(error['message']), secrets);
  const details = quotable(textOf(error['details']), secrets);
  if (code === 'missing_node_type' || (code === 'invalid_prompt' && faults.length === 0)) {
    const said = missingNode(label, error['extra_info'], { words: textOf(error['message']), details });
    return rejected(
      'unsupported',
      cleanMessage(said, (text) => quotable(text, secrets)),
      { code },
    );
  }
  const reason = words === '' ? say('no-reason') : words;
  const own = details === '' ? reason : say('fault-details', { error: reason, details });
  const said = say('workflow-refused', { server: label, faults: faults.length > 0 ? joinFaults(faults) : own });
  return rejected('invalid-request', said, { code });
}

/** Servers before 0.12 say the class in their words only. */
function missingNode(server: string, extra: unknown, said: { words: string; details: string }): Message {
  const facts = isRecord(extra) ? extra : {};
  const type = textOf(facts['class_type'], /node (.+) does not exist/.exec(said.words)?.[1] ?? '');
  if (type === '') {
    return say('node-type-unknown', { server, error: said.words, details: said.details });
  }
  const node = textOf(facts['node_id'], said.details.replace(/^Node ID '#(.*)'$/, '$1'));
  const title = textOf(facts['node_title'], type);
  const pack = packOf(type);
  const named =
    title === type ? say('node-named', { node }) : say('node-titled', { node, title: JSON.stringify(title) });
  return pack === undefined
    ? say('node-type-missing', { server, type, named })
    : say('node-type-missing-pack', { server, type, named, pack });
}

/** What an answer says of itself, in quotes: `{"error":{"message":...}}`, `{"error":"..."}` or `{"message":"..."}`. */
function wordsOf(body: unknown, secrets: readonly string[]): Message | undefined {
  if (!isRecord(body)) {
    return undefined;
  }
  const { error } = body;
  const words = isRecord(error)
    ? textOf(error['message'], textOf(error['type']))
    : textOf(error, textOf(body['message']));
  const short = quotable(words, secrets).trim().replaceAll(/\s+/g, ' ').slice(0, 300);
  return short === '' ? undefined : say('it-says', { words: short });
}

/** A redirect: to a login page, to https, or to another path. */
function redirected({ label, secrets }: RefusingServer, answer: HttpAnswer): ImageError {
  const { status, location } = answer;
  const said =
    location === undefined
      ? say('redirects', { server: label, status })
      : say('redirects-to', { server: label, location: quotable(location, secrets), status });
  return comfyuiError({
    kind: 'bad-response',
    // Also where it says "moved for good": the request was sent, and may have been handed on. `locate` settles it.
    outcome: 'unknown',
    retryable: true,
    ...joinSentences(said, say('redirect-remedy')),
    code: `http-${status}`,
  });
}

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
  const said = (message: Message): Message => joinSentences(message, words);
  switch (status) {
    case 401:
      return rejected('auth', said(say('login-wanted', { server })));
    case 402:
      return rejected('quota', said(say('no-credit', { server })));
    case 403:
      return rejected('auth', said(say('forbidden', { server })));
    case 404:
    case 405:
      return comfyuiError({ kind: 'unavailable', outcome: 'not-submitted', ...say('not-there', { server, status }) });
    case 413:
      return rejected('invalid-request', say('workflow-large', { server }));
    case 429:
      return rejected('rate-limit', said(say('too-many-jobs', { server })), {
        retryable: true,
        retryAfterMs: answer.retryAfterMs,
      });
    default:
      if (status >= 300 && status < 400) {
        return redirected(refusing, answer);
      }
      return status >= 400 && status < 500
        ? rejected('invalid-request', said(say('workflow-refused-status', { server, status })))
        : comfyuiError({
            kind: status >= 500 ? 'unavailable' : 'bad-response',
            outcome: 'unknown',
            retryable: true,
            ...say('queue-unknown', { server, status }),
            code: `http-${status}`,
          });
  }
}
