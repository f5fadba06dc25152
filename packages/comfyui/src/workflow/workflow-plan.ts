import { say } from '../comfyui-messages.ts';
import { invalidOptions } from '../comfyui-errors.ts';
import { BuiltinPlan } from './builtin-plan.ts';
import { hashOf } from './look.ts';
import { stem } from './model-families.ts';
import { loadWorkflow } from './workflow.ts';
import { resolveBinding } from './workflow-binding.ts';
import type { ImageWarning, ReferenceRole } from '@holodeck/core';
import type { ComfyUIHttp } from '../wire/comfyui-http.ts';
import type { ComfyUIOptions } from '../comfyui-options.ts';
import type { Graph } from '../wire/comfyui-wire.ts';
import type { ResolvedBinding } from './workflow-binding.ts';

/** A graph to fill, and what was decided on the way to it. */
export interface PlannedGraph {
  readonly graph: Graph;
  readonly binding: ResolvedBinding;
  /** Sides are rounded up to a multiple of this. Default 1. */
  readonly multipleOf?: number;
  /** The built-in graphs' model: the name of its file, and the others where several were there and none was named. */
  readonly model?: { readonly name: string; readonly among?: readonly string[] };
  /** What was wished for and cannot be had here. */
  readonly leftOut?: readonly ImageWarning[];
}

/** What can be bound; decides what the backend declares. */
export type Bindable = Pick<
  ResolvedBinding,
  'prompt' | 'negativePrompt' | 'seed' | 'width' | 'height' | 'batchSize' | 'references'
>;

/** What a request wants of its graph. */
export interface GraphWish {
  readonly roles: readonly ReferenceRole[];
  readonly transparent: boolean;
  /** Leaves out what cannot be had, instead of refusing. Default false. */
  readonly lenient?: boolean;
  /** Fingerprint of a look that was resolved earlier. */
  readonly look?: string;
}

/** A server that is asked for its models. */
export interface AskedServer {
  readonly http: ComfyUIHttp;
  readonly label: string;
}

/** What the backend declares of a look. */
export interface PlannedLook {
  readonly model: string;
  readonly fingerprint: string;
  readonly bindable: Bindable;
  /** Whether it gives a transparent ground. */
  readonly transparent: boolean;
}

/** Where graphs come from: the user's workflow, or the built-in ones. */
export interface WorkflowPlan {
  readonly builtin: boolean;
  /** For manifests: the checkpoint's name, or `"workflow"`, or `"auto"`. */
  readonly model: string;
  readonly fingerprint: string;
  readonly bindable: Bindable;
  /** Whether it may give a transparent ground. */
  readonly transparent: boolean;
  /** The user's graph; absent with the built-in ones, which depend on the server's models. */
  readonly template?: PlannedGraph;
  /** Node classes that the server must have. */
  readonly classes: readonly string[];
  /** The graph for a request. Asks the server for its models once, with the built-in graphs. */
  graphFor(wish: GraphWish, http: ComfyUIHttp, label: string, signal: AbortSignal): Promise<PlannedGraph>;
  /** Decides the look by what a server has. Absent where nothing depends on it. */
  resolve?(server: AskedServer, signal: AbortSignal): Promise<PlannedLook>;
  /** The look of a fingerprint, without asking anybody; undefined where these options cannot give it. */
  resolved?(fingerprint: string): PlannedLook | undefined;
  /** The server refused a graph: its files are looked at again before the next one. */
  forget?(http: ComfyUIHttp): void;
}

/** Reads the workflow options. @throws ImageError `invalid-request` */
export function planWorkflow(options: ComfyUIOptions): WorkflowPlan {
  return options.workflow === undefined ? new BuiltinPlan(options) : customPlan(options);
}

function customPlan(options: ComfyUIOptions): WorkflowPlan {
  const graph = loadWorkflow(options.workflow!);
  const binding = resolveBinding(graph, options.binding);
  if (options.checkpoint !== undefined && binding.checkpoint.length === 0) {
    throw invalidOptions(say('checkpoint-unbound'));
  }
  const template: PlannedGraph = { graph, binding };
  return {
    builtin: false,
    model: stem(options.checkpoint ?? firstModelFile(graph) ?? 'workflow'),
    fingerprint: `workflow:${hashOf([graph, binding, options.checkpoint ?? null])}`,
    bindable: binding,
    transparent: false,
    template,
    classes: [...new Set(Object.values(graph).map((node) => node.class_type))],
    graphFor: () => Promise.resolve(template),
  };
}

function firstModelFile(graph: Graph): string | undefined {
  for (const input of ['ckpt_name', 'unet_name']) {
    for (const node of Object.values(graph)) {
      const file = node.inputs[input];
      if (typeof file === 'string') {
        return file;
      }
    }
  }
  return undefined;
}
