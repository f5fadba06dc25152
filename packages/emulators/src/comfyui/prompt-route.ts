/** POST /prompt: reads, validates and queues a graph. */
import { randomUUID } from 'node:crypto';
import { isRecord } from '../base/is-record.ts';
import { validateGraph } from './graph-validation.ts';
import { linkedNode } from './graph-types.ts';
import { Version } from './comfyui-settings.ts';
import type { FileStore } from './file-store.ts';
import type { Graph } from './graph-types.ts';
import type { Job } from './job-queue.ts';
import type { NodeDefinition } from './node-definitions.ts';
import type { NodeErrors, ValidationError } from './graph-validation.ts';

/** How the server answers, and the job that it would queue. */
export type PromptAnswer =
  | { readonly status: 200; readonly job: Job; readonly nodeErrors: NodeErrors }
  | { readonly status: 400; readonly error: ValidationError; readonly nodeErrors: NodeErrors }
  /** The server's own code raised an exception: a plain-text 500. */
  | { readonly status: 500 };

export interface PromptContext {
  readonly version: string;
  readonly definitions: Readonly<Record<string, NodeDefinition>>;
  readonly files: FileStore;
  readonly now: number;
  /** The counter of prompts, raised by each one, refused ones included. */
  readonly takeNumber: () => number;
}

const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const secrets = new Set(['api_key_comfy_org', 'auth_token_comfy_org']);

export function answerPrompt(body: unknown, context: PromptContext): PromptAnswer {
  const version = new Version(context.version);
  if (Array.isArray(body)) return noPrompt();
  if (!isRecord(body)) return { status: 500 };
  const { prompt, front, extra_data: extra = {} } = body;
  const counter = context.takeNumber();
  const number = readNumber(body, front === true ? -counter : counter);
  if (number === undefined) return { status: 500 };
  if (!('prompt' in body)) return noPrompt();
  if (!isRecord(prompt)) return { status: 500 };
  const given = body['prompt_id'] ?? undefined;
  if (given !== undefined && version.atLeast(0, 25) && !(typeof given === 'string' && canonicalUuid.test(given))) {
    return { status: 400, error: invalidPromptId, nodeErrors: {} };
  }
  const targets = body['partial_execution_targets'];
  const validation = validateGraph(prompt, Array.isArray(targets) ? targets.map(String) : undefined, {
    definitions: context.definitions,
    version,
    fileExists: (name) => context.files.findAnnotated(name) !== undefined,
  });
  if (!validation.valid) return { status: 400, error: validation.error, nodeErrors: validation.nodeErrors };
  if (!isRecord(extra)) return { status: 500 };
  const clientId = body['client_id'] ?? extra['client_id'];
  const kept: Record<string, unknown> = Object.fromEntries(
    Object.entries(extra).filter(([name]) => !secrets.has(name)),
  );
  if (clientId !== undefined) kept['client_id'] = clientId;
  if (version.atLeast(0, 3, 69)) kept['create_time'] = context.now;
  const job: Job = {
    number,
    id: typeof given === 'string' ? given : given === undefined ? randomUUID() : JSON.stringify(given),
    graph: prompt as unknown as Graph,
    extraData: kept,
    outputs: validation.outputs,
    clientId: clientId === undefined ? undefined : typeof clientId === 'string' ? clientId : JSON.stringify(clientId),
  };
  return { status: 200, job, nodeErrors: validation.nodeErrors };
}

const invalidPromptId: ValidationError = {
  type: 'invalid_prompt_id',
  message: 'prompt_id must be a valid UUID',
  details:
    'prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one',
  extra_info: {},
};

function noPrompt(): PromptAnswer {
  const error = { type: 'no_prompt', message: 'No prompt provided', details: 'No prompt provided', extra_info: {} };
  return { status: 400, error, nodeErrors: {} };
}

/** `number` as Python's float() reads it; undefined where that raises. */
function readNumber(body: Readonly<Record<string, unknown>>, fallback: number): number | undefined {
  if (!('number' in body)) return fallback;
  const value = body['number'];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && !Number.isNaN(number) ? number : undefined;
}

/** The words and the seed that a graph draws with, for the ledger. */
export function describeGraph(graph: Graph): { prompt: string; seed?: number } {
  for (const node of Object.values(graph)) {
    const source = linkedNode(node.inputs['positive'] ?? node.inputs['conditioning']);
    const seed = node.inputs['seed'];
    let id = source;
    for (let depth = 0; id !== undefined && depth < 10; depth += 1) {
      const inputs: Record<string, unknown> = graph[id]?.inputs ?? {};
      const words = inputs['text'] ?? inputs['prompt'];
      if (typeof words === 'string') {
        return { prompt: words, ...(typeof seed === 'number' ? { seed } : {}) };
      }
      id = linkedNode(inputs['conditioning'] ?? inputs['positive']);
    }
  }
  return { prompt: '' };
}

/** SHA-256 of the pictures that a graph loads, in the order of its nodes. */
export function loadedPictures(graph: Graph, files: FileStore): string[] {
  return Object.values(graph).flatMap(({ class_type: type, inputs: { image } }) => {
    const file = type === 'LoadImage' && typeof image === 'string' ? files.findAnnotated(image) : undefined;
    return file === undefined ? [] : [file.hash];
  });
}
