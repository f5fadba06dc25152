import { say } from '../comfyui-messages.ts';
import { createHash } from 'node:crypto';
import { ImageError } from '@holodeck/core';
import { buildGraph, takesNegativePrompt } from './builtin-graphs.ts';
import { chooseModel, familyOf, fetchModels, requireModel } from './model-choice.ts';
import { invalidOptions } from '../comfyui-errors.ts';
import { loadWorkflow } from './workflow.ts';
import { stringifyExactJson } from '../wire/exact-json.ts';
import { resolveBinding } from './workflow-binding.ts';
import type { ComfyUIHttp } from '../wire/comfyui-http.ts';
import type { ComfyUIOptions, SamplingOptions } from '../comfyui-options.ts';
import type { ChosenModel, ServerModels } from './model-choice.ts';
import type { Graph } from '../wire/comfyui-wire.ts';
import type { ResolvedBinding } from './workflow-binding.ts';

/** A graph to fill, and what was decided on the way to it. */
export interface PlannedGraph {
  readonly graph: Graph;
  readonly binding: ResolvedBinding;
  /** The built-in graphs' model. */
  readonly model?: ChosenModel;
}

/** What can be bound; decides what the backend declares. */
export type Bindable = Pick<
  ResolvedBinding,
  'prompt' | 'negativePrompt' | 'seed' | 'width' | 'height' | 'batchSize' | 'references'
>;

/** Where graphs come from: the user's workflow, or the built-in ones. */
export interface WorkflowPlan {
  readonly builtin: boolean;
  /** For manifests: the checkpoint's name, or `"workflow"`, or `"auto"`. */
  readonly model: string;
  readonly fingerprint: string;
  readonly bindable: Bindable;
  /** The user's graph; absent with the built-in ones, which depend on the server's models. */
  readonly template?: PlannedGraph;
  /** Node classes that the server must have. */
  readonly classes: readonly string[];
  /** The graph for a request. Asks the server for its models once, with the built-in graphs. */
  graphFor(withReference: boolean, http: ComfyUIHttp, label: string, signal: AbortSignal): Promise<PlannedGraph>;
}

/** Raised whenever the built-in graphs change what they draw: it is part of the fingerprint. */
const builtinVersion = 1;

/** Reads the workflow options. @throws ImageError `invalid-request` */
export function planWorkflow(options: ComfyUIOptions): WorkflowPlan {
  return options.workflow === undefined ? new BuiltinPlan(options) : customPlan(options);
}

function hash(value: unknown): string {
  return createHash('sha256').update(stringifyExactJson(value)).digest('hex').slice(0, 16);
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
    fingerprint: `workflow:${hash([graph, binding, options.checkpoint ?? null])}`,
    bindable: binding,
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

function stem(file: string): string {
  return file
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.(?:safetensors|ckpt|pt|pth|sft|gguf|bin)$/i, '');
}

/**
 * The built-in graphs. Without a configured checkpoint the first server that answers decides, once for the life of this
 * backend, so that all its images (of all its servers) come from one model; the fingerprint then says `auto`.
 */
class BuiltinPlan implements WorkflowPlan {
  readonly builtin: boolean = true;
  readonly model: string;
  readonly fingerprint: string;
  readonly bindable: Bindable;
  readonly classes: readonly string[];
  readonly #wanted: string | undefined;
  readonly #sampling: SamplingOptions;
  readonly #severalServers: boolean;
  #chosen: ChosenModel | undefined;
  /** Servers that have the chosen model. */
  readonly #lookedAt: WeakSet<ComfyUIHttp> = new WeakSet();

  constructor(options: ComfyUIOptions) {
    this.#wanted = options.checkpoint;
    this.#sampling = options.sampling ?? {};
    this.#severalServers = (options.urls?.length ?? 1) > 1;
    this.model = stem(this.#wanted ?? 'auto');
    this.fingerprint = `builtin-${builtinVersion}:${hash([this.#wanted ?? 'auto', this.#sampling])}`;
    // A stand-in for the choice that the server's models will decide; the inputs are the same for all of them.
    const checkpoint = this.#wanted ?? 'auto';
    const sample = { loader: 'checkpoint', family: familyOf(checkpoint), checkpoint } as const;
    const { binding } = buildGraph(sample, this.#sampling, true);
    this.bindable = takesNegativePrompt(sample, this.#sampling) ? binding : { ...binding, negativePrompt: [] };
    const graphs = [buildGraph(sample, this.#sampling, false), buildGraph(sample, this.#sampling, true)];
    const classes = new Set(graphs.flatMap(({ graph }) => Object.values(graph).map((node) => node.class_type)));
    // Which loader is needed shows with the models.
    classes.delete('CheckpointLoaderSimple');
    this.classes = [...classes];
  }

  async graphFor(withReference: boolean, http: ComfyUIHttp, label: string, signal: AbortSignal): Promise<PlannedGraph> {
    const model = this.#lookedAt.has(http) ? this.#chosen! : await this.#lookAt(http, label, signal);
    return { ...buildGraph(model.choice, this.#sampling, withReference), model };
  }

  /** The choice; on any other server than the one that decided, only if its files are there too. */
  async #lookAt(http: ComfyUIHttp, label: string, signal: AbortSignal): Promise<ChosenModel> {
    const models = await fetchModels(http, signal);
    // Another server may have decided meanwhile.
    this.#chosen ??= this.#choose(models, label);
    requireModel(models, this.#chosen.choice, label);
    this.#lookedAt.add(http);
    return this.#chosen;
  }

  #choose(models: ServerModels, label: string): ChosenModel {
    try {
      return chooseModel(models, this.#wanted, label);
    } catch (error) {
      if (!this.#severalServers || !ImageError.isInstance(error)) {
        throw error;
      }
      // Another server may have what this one lacks: the job goes there.
      throw ImageError.with(error, { kind: 'unavailable', retryable: true });
    }
  }
}
