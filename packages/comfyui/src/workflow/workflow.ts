import type { ImageError } from '@holodeck/core';
import { joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { say } from '../comfyui-messages.ts';
import { isRecord, readTextFile } from '@holodeck/core/backend';
import { invalidOptions } from '../comfyui-errors.ts';
import { textOf } from '../wire/comfyui-wire.ts';
import { parseExactJson } from '../wire/exact-json.ts';
import type { Graph, GraphNode } from '../wire/comfyui-wire.ts';

/**
 * Where a workflow comes from: the path of a JSON file, or the parsed JSON itself. Both in ComfyUI's API format ("Export
 * (API)" in its Workflow menu).
 */
export type WorkflowSource = string | Readonly<Record<string, unknown>>;

/**
 * Reads and checks a workflow. The object that is passed in is copied, never changed.
 *
 * @throws ImageError `invalid-request` when the file cannot be read, is not JSON, or is not in API format.
 */
export function loadWorkflow(source: WorkflowSource): Graph {
  const { value, name } = readWorkflow(source);
  return checkWorkflow(value, name);
}

/**
 * The JSON of a workflow in any format, and what it is called in messages.
 *
 * @throws ImageError `invalid-request` when the file cannot be read or is not JSON.
 */
export function readWorkflow(source: WorkflowSource): { readonly value: unknown; readonly name: Message } {
  if (typeof source !== 'string') {
    return { value: structuredClone(source), name: say('workflow') };
  }
  let text: string;
  try {
    text = readTextFile(source);
  } catch (error) {
    const code = isRecord(error) ? textOf(error['code'], 'unreadable') : 'unreadable';
    throw invalidOptions(say('workflow-unreadable', { file: source, code }), error);
  }
  const name = say('workflow-file', { file: source });
  try {
    return { value: parseExactJson(text), name };
  } catch (error) {
    throw notExported(say('workflow-not-json', { workflow: name }), error);
  }
}

function notExported(said: Message, cause?: unknown): ImageError {
  return invalidOptions(joinSentences(said, say('how-to-export')), cause);
}

/** @throws ImageError `invalid-request` when it is not a graph in API format. */
export function checkWorkflow(value: unknown, workflow: Message): Graph {
  if (!isRecord(value)) {
    throw notExported(say('workflow-not-object', { workflow }));
  }
  if (Array.isArray(value['nodes'])) {
    throw invalidOptions(say('workflow-editor', { workflow }));
  }
  // The body of POST /prompt, as some tools save it.
  const inner = value['prompt'];
  const graph = isRecord(inner) && inner['class_type'] === undefined ? inner : value;
  const ids = Object.keys(graph);
  if (ids.length === 0) {
    throw notExported(say('workflow-empty', { workflow }));
  }
  for (const id of ids) {
    const node = graph[id];
    if (!isRecord(node) || typeof node['class_type'] !== 'string') {
      throw notExported(say('workflow-no-node', { workflow, node: id }));
    }
    if (!isRecord(node['inputs'])) {
      throw notExported(say('workflow-no-inputs', { workflow, node: id, type: node['class_type'] }));
    }
  }
  return graph as Graph;
}

/** Node ids in the order of their numbers; others after them, by name. */
export function byNodeId(a: string, b: string): number {
  const left = Number(a);
  const right = Number(b);
  const byNumber = (Number.isNaN(left) ? Number.MAX_VALUE : left) - (Number.isNaN(right) ? Number.MAX_VALUE : right);
  return byNumber || (a < b ? -1 : 1);
}

/** A node's title: what its author wrote, or else its class. */
export function titleOf(node: GraphNode): string {
  return node._meta?.title ?? node.class_type;
}
