/** The order in which ComfyUI runs a graph's nodes: by what is ready, outputs and what feeds them first. */
import { inputsOf, linkedNode } from './graph-types.ts';
import type { Graph } from './graph-types.ts';

export class ExecutionOrder {
  readonly #graph: Graph;
  readonly #isOutput: (id: string) => boolean;
  readonly #pending: Set<string> = new Set();
  readonly #blockers: Map<string, Set<string>> = new Map();
  readonly #blocks: Map<string, Set<string>> = new Map();

  /** `isCached`: nodes whose results are there; what only they need is not run. */
  constructor(
    graph: Graph,
    outputs: readonly string[],
    isCached: (id: string) => boolean,
    isOutput: (id: string) => boolean,
  ) {
    this.#graph = graph;
    this.#isOutput = isOutput;
    for (const output of outputs) this.#add(output, isCached);
  }

  /** The next node, taken off; undefined at the end. */
  next(): string | undefined {
    const ready = [...this.#pending].filter((id) => (this.#blockers.get(id)?.size ?? 0) === 0);
    const chosen =
      ready.find(this.#isOutput) ??
      ready.find((id) => this.#followers(id).some(this.#isOutput)) ??
      ready.find((id) => this.#followers(id).some((next) => this.#followers(next).some(this.#isOutput))) ??
      ready[0];
    if (chosen !== undefined) {
      this.#pending.delete(chosen);
      for (const id of this.#followers(chosen)) this.#blockers.get(id)?.delete(chosen);
    }
    return chosen;
  }

  #followers(id: string): string[] {
    return [...(this.#blocks.get(id) ?? [])];
  }

  #add(output: string, isCached: (id: string) => boolean): void {
    const stack = [output];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (this.#pending.has(id)) continue;
      this.#pending.add(id);
      this.#blockers.set(id, new Set());
      if (isCached(id)) continue;
      for (const value of Object.values(inputsOf(this.#graph[id]))) {
        const source = linkedNode(value);
        if (source === undefined || !Object.hasOwn(this.#graph, source) || isCached(source)) continue;
        this.#blockers.get(id)!.add(source);
        this.#blocks.set(source, (this.#blocks.get(source) ?? new Set()).add(id));
        stack.push(source);
      }
    }
  }
}
