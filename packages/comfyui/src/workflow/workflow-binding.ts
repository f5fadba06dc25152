import { say } from '../comfyui-messages.ts';
import { findNode, resolveInput } from './input-path.ts';
import { invalidOptions } from '../comfyui-errors.ts';
import { guessBinding } from './workflow-guess.ts';
import { readTitles } from './workflow-titles.ts';
import type { ReferenceRole } from '@holodeck/core';
import type { InputAddress, InputPath } from './input-path.ts';
import type { Graph } from '../wire/comfyui-wire.ts';

/** One reference picture's place in a workflow. */
export interface ReferenceBinding {
  /** The input that takes the name of the uploaded file, such as `"10.image"` of a LoadImage node. */
  readonly input: InputPath;
  /** Default `"init"`: a picture to start from. `"style"` where the workflow only looks at it (IP-Adapter, Redux, ...). */
  readonly role?: ReferenceRole;
}

/**
 * Which inputs of a workflow take what a request says. Every field may name one input or several. An absent field is
 * looked up in the nodes' titles (`@prompt`, `@seed`, ...) and then guessed; an empty list leaves it unbound on purpose.
 */
export interface WorkflowBinding {
  readonly prompt?: InputPath | readonly InputPath[];
  readonly negativePrompt?: InputPath | readonly InputPath[];
  readonly seed?: InputPath | readonly InputPath[];
  readonly width?: InputPath | readonly InputPath[];
  readonly height?: InputPath | readonly InputPath[];
  /** How many images one job makes. */
  readonly batchSize?: InputPath | readonly InputPath[];
  /** The checkpoint's file name; what `checkpoint` and COMFYUI_CHECKPOINT set. */
  readonly checkpoint?: InputPath | readonly InputPath[];
  /** In the order in which a request gives its references. */
  readonly references?: readonly (InputPath | ReferenceBinding)[];
  /**
   * Nodes (id or title) whose images are the result, in order. Default: every node that saves images to the server's
   * output folder or sends them by socket; the images of preview nodes only when they are named here.
   */
  readonly outputs?: string | readonly string[];
}

/** The fields that take values. */
export type BoundField = 'prompt' | 'negativePrompt' | 'seed' | 'width' | 'height' | 'batchSize' | 'checkpoint';

export const boundFields: readonly BoundField[] = [
  'prompt',
  'negativePrompt',
  'seed',
  'width',
  'height',
  'batchSize',
  'checkpoint',
];

/** A binding after it has been found: addresses that exist in the graph. */
export interface ResolvedBinding extends Readonly<Record<BoundField, readonly InputAddress[]>> {
  readonly references: readonly { readonly address: InputAddress; readonly role: ReferenceRole }[];
  /** Undefined = decided when the outputs are there. */
  readonly outputs?: readonly string[];
}

/** What one way of binding has found; absent = it knows nothing of the field. */
export type PartialBinding = { -readonly [Field in keyof ResolvedBinding]?: ResolvedBinding[Field] };

/**
 * Finds out which inputs take prompt, seed, size and so on: by `binding`, else by titles, else by a guess that follows the
 * links of common graphs.
 *
 * @throws ImageError `invalid-request` when a path or title names nothing.
 */
export function resolveBinding(graph: Graph, binding: WorkflowBinding = {}): ResolvedBinding {
  const explicit = readExplicit(graph, binding);
  const titles = readTitles(graph);
  const guess = guessBinding(graph);
  const pick = (field: BoundField): readonly InputAddress[] => explicit[field] ?? titles[field] ?? guess[field] ?? [];
  const outputs = explicit.outputs ?? titles.outputs;
  return {
    prompt: pick('prompt'),
    negativePrompt: pick('negativePrompt'),
    seed: pick('seed'),
    width: pick('width'),
    height: pick('height'),
    batchSize: pick('batchSize'),
    checkpoint: pick('checkpoint'),
    references: explicit.references ?? titles.references ?? guess.references ?? [],
    ...(outputs === undefined ? {} : { outputs }),
  };
}

function toList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function readExplicit(graph: Graph, binding: WorkflowBinding): PartialBinding {
  const known = new Set<string>([...boundFields, 'references', 'outputs']);
  for (const field of Object.keys(binding)) {
    if (!known.has(field)) {
      throw invalidOptions(say('binding-field', { field, fields: [...known].join(', ') }));
    }
  }
  const found: PartialBinding = {};
  for (const field of boundFields) {
    const paths = binding[field];
    if (paths !== undefined) {
      found[field] = toList<string>(paths).map((path) => resolveInput(graph, path));
    }
  }
  if (binding.references !== undefined) {
    found.references = binding.references.map((entry) =>
      typeof entry === 'string'
        ? { address: resolveInput(graph, entry), role: 'init' }
        : { address: resolveInput(graph, entry.input), role: entry.role ?? 'init' },
    );
  }
  if (binding.outputs !== undefined) {
    found.outputs = toList<string>(binding.outputs).map((name) => {
      const id = findNode(graph, name);
      if (id === undefined) {
        throw invalidOptions(say('binding-output', { name }));
      }
      return id;
    });
  }
  return found;
}
