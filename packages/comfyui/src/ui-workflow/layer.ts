import { inputNode, outputNode } from './ui-graph.ts';
import type { UiInput, UiLayer, UiNode, UiSubgraph, UiWorkflow } from './ui-graph.ts';

/** Where an input's value comes from: another node's output, or the widget of a node that only the page has. */
export type Source = { readonly link: readonly [string, number] } | { readonly value: unknown };

const muted = 2;
const bypassed = 4;
/** Deeper than anybody nests; a chain of links that is longer leads to itself. */
const maxDepth = 20;
const maxSteps = 1000;

/** A subgraph contains itself, or links lead in a circle. */
export class EndlessWorkflow extends Error {}

/** Nodes that pass on what comes in. */
const passing: ReadonlySet<string> = new Set(['Reroute', 'Reroute (rgthree)']);

/** Nodes without an effect on what is sent: notes, and switches whose effect stands in the nodes' modes. */
const silent =
  /^(?:Note|MarkdownNote|Label \(rgthree\)|Bookmark \(rgthree\)|Fast (?:Groups )?(?:Muter|Bypasser|Actions Button).*\(rgthree\)|(?:Mute \/ Bypass (?:Relay|Repeater)|Random Unmuter|Node Collector) \(rgthree\))$/;

/** What a node does with the graph before anything is sent. */
export function roleOf(node: UiNode): 'node' | 'passing' | 'primitive' | 'silent' {
  if (passing.has(node.type)) {
    return 'passing';
  }
  return node.type === 'PrimitiveNode' ? 'primitive' : silent.test(node.type) ? 'silent' : 'node';
}

/** Whether a node is sent. */
export function isActive(node: UiNode): boolean {
  return node.mode !== muted && node.mode !== bypassed;
}

/** The workflow, or the inside of one instance of a subgraph, with ids as the page sends them (`outer:inner`). */
export class Layer {
  readonly content: UiLayer;
  readonly #workflow: UiWorkflow;
  readonly #prefix: string;
  readonly #outer: { readonly layer: Layer; readonly instance: UiNode; readonly subgraph: UiSubgraph } | undefined;
  readonly #inner: Map<string, Layer> = new Map();
  readonly #depth: number;

  constructor(workflow: UiWorkflow, outer?: { layer: Layer; instance: UiNode; subgraph: UiSubgraph }) {
    this.#workflow = workflow;
    this.#outer = outer;
    this.content = outer?.subgraph ?? workflow;
    this.#prefix = outer === undefined ? '' : `${outer.layer.idOf(outer.instance)}:`;
    this.#depth = outer === undefined ? 0 : outer.layer.#depth + 1;
    if (this.#depth > maxDepth) {
      throw new EndlessWorkflow();
    }
  }

  /** The inside of an instance; undefined where the node is not one. */
  inside(instance: UiNode): Layer | undefined {
    const subgraph = this.#workflow.subgraphs.get(instance.type);
    if (subgraph === undefined) {
      return undefined;
    }
    const known = this.#inner.get(instance.id) ?? new Layer(this.#workflow, { layer: this, instance, subgraph });
    this.#inner.set(instance.id, known);
    return known;
  }

  idOf(node: UiNode): string {
    return `${this.#prefix}${node.id}`;
  }

  /** What the instance of this inside says for a widget of an inner node; undefined where it says nothing. */
  overridesFor(node: UiNode): ReadonlyMap<string, unknown> {
    const values = this.#outer === undefined ? [] : instanceValues(this.#outer.instance);
    return new Map(values.filter(({ inner }) => inner === node.id).map(({ name, value }) => [name, value]));
  }

  /** Where an input's link leads; undefined where there is none, or where it ends at something that is not sent. */
  source(
    node: UiNode,
    input: UiInput | undefined,
    type: string | undefined = input?.type,
    steps = 0,
  ): Source | undefined {
    const link = input?.link === undefined ? undefined : this.content.links.get(input.link);
    if (link === undefined) {
      return undefined;
    }
    if (steps > maxSteps) {
      throw new EndlessWorkflow();
    }
    if (link.origin === inputNode) {
      return this.#fromOutside(link.originSlot, type, steps + 1);
    }
    const origin = this.content.nodes.get(link.origin);
    return origin === undefined ? undefined : this.#output(origin, link.originSlot, type, steps + 1);
  }

  #fromOutside(slot: number, type: string | undefined, steps: number): Source | undefined {
    const outer = this.#outer;
    const name = outer?.subgraph.inputs[slot];
    if (outer === undefined || name === undefined) {
      return undefined;
    }
    const { layer, instance } = outer;
    const input = instance.inputs.find((one) => one.name === name);
    if (input?.link !== undefined) {
      return layer.source(instance, input, type, steps);
    }
    const said = instanceValues(instance).find((one) => one.inner === undefined && one.name === name);
    return said === undefined ? undefined : { value: said.value };
  }

  #output(node: UiNode, slot: number, type: string | undefined, steps: number): Source | undefined {
    if (node.mode === muted) {
      return undefined;
    }
    if (node.mode === bypassed) {
      return this.source(node, bypass(node, slot, type), type, steps);
    }
    const inside = this.inside(node);
    if (inside !== undefined) {
      const link = [...inside.content.links.values()].find(
        ({ target, targetSlot }) => target === outputNode && targetSlot === slot,
      );
      if (link === undefined) {
        return undefined;
      }
      const origin = inside.content.nodes.get(link.origin);
      return origin === undefined
        ? inside.#fromOutside(link.originSlot, type, steps + 1)
        : inside.#output(origin, link.originSlot, type, steps + 1);
    }
    switch (roleOf(node)) {
      case 'passing':
        return this.source(node, node.inputs[0], type, steps);
      case 'primitive':
        return { value: node.named['value'] ?? node.values[0] };
      case 'node':
        return { link: [this.idOf(node), slot] };
      default:
        return undefined;
    }
  }
}

/** The input that a bypassed node passes on to an output: of the same slot where its type fits, else the first that fits. */
function bypass(node: UiNode, slot: number, wanted: string | undefined): UiInput | undefined {
  const own = node.outputs[slot] ?? '*';
  const type = wanted === undefined || wanted === '*' ? own : wanted;
  if (type === '*' || own === '*') {
    return node.inputs[slot] ?? node.inputs[0];
  }
  const same = node.inputs[slot];
  return same !== undefined && fitsType(same.type, type)
    ? same
    : (node.inputs.find((input) => input.type === type) ?? node.inputs.find((input) => fitsType(input.type, type)));
}

function fitsType(input: string, type: string): boolean {
  return input === '*' || input.split(',').some((one) => type.split(',').includes(one));
}

interface InstanceValue {
  /** The inner node whose widget it is; undefined = an input of the subgraph. */
  readonly inner: string | undefined;
  readonly name: string;
  readonly value: unknown;
}

/** The values of an instance by what they are for. */
function instanceValues(instance: UiNode): InstanceValue[] {
  const { values, proxies, inputs, named } = instance;
  const widgets = inputs.filter(({ isWidget }) => isWidget).map(({ name }) => ['-1', name] as const);
  // Files have values in the order of the promoted widgets, or (older ones) in that of the inputs with widgets.
  const places = values.length === proxies.length || values.length !== widgets.length ? proxies : widgets;
  const byPlace = places.map(([node, name], index) => ({
    inner: node === '-1' ? undefined : node,
    name,
    value: Object.hasOwn(named, name) ? named[name] : values[index],
  }));
  const more = Object.entries(named).filter(([name]) => !byPlace.some((one) => one.name === name));
  return [...byPlace, ...more.map(([name, value]) => ({ inner: undefined, name, value }))].filter(
    ({ value }) => value !== undefined && value !== null,
  );
}
