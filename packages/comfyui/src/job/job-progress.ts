import { isRecord } from '@holodeck/core/backend';
import { textOf } from '../wire/comfyui-wire.ts';
import type { Graph } from '../wire/comfyui-wire.ts';

/** Sampling takes most of a job's time; every other node counts as one step of it. */
const samplerWeight = 20;

/**
 * How far a job is, between 0 and 1, from the events of its nodes. It never falls, and reaches 1 only at the end, which is
 * not told here.
 */
export class JobProgress {
  readonly #weights: ReadonlyMap<string, number>;
  readonly #done: Map<string, number> = new Map();
  readonly #titles: ReadonlyMap<string, string>;
  #highest = 0;
  #steps: { readonly step: number; readonly steps: number } | undefined;

  constructor(graph: Graph | undefined) {
    const nodes = Object.entries(graph ?? {});
    this.#weights = new Map(nodes.map(([id, node]) => [id, /sampler/i.test(node.class_type) ? samplerWeight : 1]));
    this.#titles = new Map(nodes.map(([id, node]) => [id, node._meta?.title ?? node.class_type]));
  }

  /** The name of a node, for people. */
  titleOf(node: string): string | undefined {
    return this.#titles.get(node);
  }

  /** The steps of the node that runs, where it tells any. */
  get steps(): { readonly step: number; readonly steps: number } | undefined {
    return this.#steps;
  }

  /** The next node begins. */
  begin(): void {
    this.#steps = undefined;
  }

  /** Nodes that will not run. */
  cached(nodes: unknown): void {
    for (const id of Array.isArray(nodes) ? nodes : []) {
      this.#note(String(id), 1);
    }
  }

  /** `progress_state`: every node that was started, with its share; `current` is the one that runs. */
  states(nodes: unknown, current: string | undefined): void {
    for (const state of isRecord(nodes) ? Object.values(nodes) : []) {
      if (isRecord(state)) {
        const id = textOf(state['display_node_id'], textOf(state['node_id']));
        const share = Number(state['value']) / Number(state['max']);
        if (id === current) {
          this.#count(state['value'], state['max']);
        }
        this.#note(id, state['state'] === 'finished' ? 1 : Number.isFinite(share) ? share : 0);
      }
    }
  }

  /** `progress`: the steps of one node (all that servers before 0.3.45 tell). */
  step(node: unknown, value: unknown, max: unknown): void {
    const share = Number(value) / Number(max);
    this.#count(value, max);
    if (typeof node === 'string' && Number.isFinite(share)) {
      this.#note(node, share);
    }
  }

  /** Keeps only nodes of the graph: a server may name any others. */
  #note(id: string, share: number): void {
    if (this.#weights.has(id)) this.#done.set(id, Math.min(1, Math.max(0, share)));
  }

  /** A node with a single step tells nothing by it. */
  #count(value: unknown, max: unknown): void {
    const counts = typeof value === 'number' && typeof max === 'number' && max > 1;
    this.#steps = counts ? { step: value, steps: max } : undefined;
  }

  /** Of the whole graph, from 0; it never falls. Undefined where the graph is not known. */
  get fraction(): number | undefined {
    let whole = 0;
    let done = 0;
    for (const [id, weight] of this.#weights) {
      whole += weight;
      done += weight * (this.#done.get(id) ?? 0);
    }
    if (whole === 0) {
      return undefined;
    }
    this.#highest = Math.max(this.#highest, Math.min(0.999, done / whole));
    return this.#highest;
  }
}
