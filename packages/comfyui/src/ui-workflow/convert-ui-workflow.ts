import { isRecord } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { EndlessWorkflow, isActive, Layer, roleOf } from './layer.ts';
import { fits, inputsOf, isAutogrow } from './input-specifications.ts';
import { packOf } from './node-packs.ts';
import { sayOfUi } from './ui-workflow-messages.ts';
import { asInput, textOfWidget, widgetValues } from './widget-values.ts';
import { isLink } from '../wire/comfyui-wire.ts';
import type { Graph, GraphNode } from '../wire/comfyui-wire.ts';
import type { NodeInfo } from '../workflow/node-info.ts';
import type { UiNode, UiWorkflow } from './ui-graph.ts';

/** A graph that the server can run, or why there is none. */
export type Conversion =
  | { readonly graph: Graph }
  | { readonly problems: readonly Message[]; readonly reason: 'missing' | 'page' };

/** Nodes whose wiring or values the page makes: they cannot be told from the file and `/object_info`. */
const needsPage =
  /^(?:SetNode|GetNode|easy (?:set|get)Node|workflow[>/].*|(?:Anything|Seed|Prompts|Simple String) Everywhere\??.*|Seed Everywhere|Power (?:Puter|Primitive|Lora Loader) \(rgthree\)|Fast Actions Button \(rgthree\)|GroupNode)$/i;

/** The classes that a workflow names, at any depth. */
export function classesOf(workflow: UiWorkflow): string[] {
  const layers = [workflow, ...workflow.subgraphs.values()];
  const nodes = layers.flatMap((layer) => [...layer.nodes.values()]);
  const classes = nodes.filter((node) => roleOf(node) === 'node').map(({ type }) => type);
  return [...new Set(classes)].filter((type) => !workflow.subgraphs.has(type));
}

/** Converts a workflow of ComfyUI's page as its "Export (API)" does, with the server's own description of the classes. */
export function convertUiWorkflow(workflow: UiWorkflow, info: ReadonlyMap<string, NodeInfo>): Conversion {
  const converter = new Converter(info);
  try {
    converter.layer(new Layer(workflow));
  } catch (error) {
    if (error instanceof EndlessWorkflow) {
      return { problems: [sayOfUi('ui-deep')], reason: 'page' };
    }
    throw error;
  }
  return converter.end();
}

class Converter {
  readonly #info: ReadonlyMap<string, NodeInfo>;
  readonly #graph: Record<string, GraphNode> = {};
  readonly #missing: Message[] = [];
  readonly #problems: Message[] = [];

  constructor(info: ReadonlyMap<string, NodeInfo>) {
    this.#info = info;
  }

  layer(layer: Layer): void {
    for (const node of layer.content.nodes.values()) {
      const inside = isActive(node) ? layer.inside(node) : undefined;
      if (inside !== undefined) {
        this.layer(inside);
      } else if (isActive(node) && roleOf(node) === 'node') {
        this.#node(layer, node);
      }
    }
  }

  end(): Conversion {
    if (this.#missing.length > 0) {
      return { problems: this.#missing, reason: 'missing' };
    }
    const problems = this.#problems.length > 0 ? this.#problems : this.#unlinked();
    if (problems.length > 0) {
      return { problems, reason: 'page' };
    }
    return Object.keys(this.#graph).length === 0
      ? { problems: [sayOfUi('ui-nothing')], reason: 'page' }
      : { graph: this.#graph };
  }

  #node(layer: Layer, node: UiNode): void {
    const { type } = node;
    const id = layer.idOf(node);
    const info = this.#info.get(type);
    if (needsPage.test(type)) {
      this.#problems.push(sayOfUi('ui-frontend-node', { node: id, type }));
      return;
    }
    if (info === undefined) {
      const pack = node.pack === undefined || node.pack === 'comfy-core' ? packOf(type) : node.pack;
      const missing = { node: id, type };
      this.#missing.push(
        pack === undefined
          ? sayOfUi('ui-node-missing', missing)
          : sayOfUi('ui-node-missing-pack', { ...missing, pack }),
      );
      return;
    }
    const inputs = this.#widgets(layer, node, info);
    for (const input of node.inputs) {
      const source = layer.source(node, input);
      if (source !== undefined) {
        inputs[input.name] =
          'link' in source ? [...source.link] : this.#value(id, node, info, input.name, source.value);
      }
    }
    const shown = typeof info['display_name'] === 'string' ? info['display_name'] : type;
    this.#graph[id] = { class_type: type, inputs, _meta: { title: node.title ?? shown } };
  }

  #widgets(layer: Layer, node: UiNode, info: NodeInfo): Record<string, unknown> {
    const id = layer.idOf(node);
    const place = { node: id, type: node.type };
    const overrides = layer.overridesFor(node);
    const misfit = inputsOf(info).some((input) => overrides.has(input.name) && !fits(input, overrides.get(input.name)));
    const values = misfit ? undefined : widgetValues(node, info, overrides);
    if (misfit) {
      this.#problems.push(sayOfUi('ui-subgraph-values', { node: id.split(':').slice(0, -1).join(':') }));
    } else if (values === undefined) {
      this.#problems.push(sayOfUi('ui-values', place));
    } else if ('unreadable' in values) {
      this.#problems.push(sayOfUi('ui-widget', { ...place, input: values.unreadable }));
    } else {
      return Object.fromEntries(
        [...values].map(([name, value]) => [name, this.#value(id, node, info, name, value)] as const),
      );
    }
    return {};
  }

  #value(id: string, node: UiNode, info: NodeInfo, name: string, value: unknown): unknown {
    const dynamic = inputsOf(info).find((input) => input.name === name)?.details['dynamicPrompts'] === true;
    if (!dynamic || typeof value !== 'string') {
      return asInput(value);
    }
    const read = textOfWidget(value);
    if ('text' in read) {
      return read.text;
    }
    this.#problems.push(sayOfUi('ui-random-words', { node: id, type: node.type, words: read.draws }));
    return value;
  }

  /** Required inputs without anything, of the nodes that an output needs. The server would drop that output. */
  #unlinked(): Message[] {
    const outputs = Object.keys(this.#graph).filter((id) => this.#infoOf(id)['output_node'] === true);
    const needed = new Set(outputs);
    for (const id of needed) {
      for (const value of Object.values(this.#graph[id]?.inputs ?? {})) {
        if (isLink(value)) {
          needed.add(String(value[0]));
        }
      }
    }
    return [...needed].flatMap((id) => {
      const { class_type: type, inputs } = this.#graph[id]!;
      return inputsOf(this.#infoOf(id))
        .filter((input) => input.required && !isAutogrow(input) && !Object.hasOwn(inputs, input.name))
        .map(({ name }) => sayOfUi('ui-unlinked', { input: name, node: id, type }));
    });
  }

  #infoOf(id: string): NodeInfo {
    const info = this.#info.get(this.#graph[id]?.class_type ?? '');
    return isRecord(info) ? info : {};
  }
}
