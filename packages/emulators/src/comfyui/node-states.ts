/** The states that `progress_state` repeats: every node that was started. */
export interface NodeState {
  readonly value: number;
  readonly max: number;
  readonly state: 'running' | 'finished';
  readonly node_id: string;
  readonly prompt_id: string;
  readonly display_node_id: string;
  readonly parent_node_id: null;
  readonly real_node_id: string;
}

export class NodeStates {
  readonly #promptId: string;
  readonly #states: Record<string, NodeState> = {};

  constructor(promptId: string) {
    this.#promptId = promptId;
  }

  start(id: string): Record<string, NodeState> {
    return this.#put(id, 0, 1, 'running');
  }

  step(id: string, value: number, max: number): Record<string, NodeState> {
    return this.#put(id, value, max, 'running');
  }

  finish(id: string): Record<string, NodeState> {
    const max = this.#states[id]?.max ?? 1;
    return this.#put(id, max, max, 'finished');
  }

  #put(id: string, value: number, max: number, state: NodeState['state']): Record<string, NodeState> {
    this.#states[id] = {
      value,
      max,
      state,
      node_id: id,
      prompt_id: this.#promptId,
      display_node_id: id,
      parent_node_id: null,
      real_node_id: id,
    };
    return { ...this.#states };
  }
}
