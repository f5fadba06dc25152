import { isRecord } from '@holodeck/core/backend';
import { textOf } from '../wire/comfyui-wire.ts';

/**
 * A workflow as ComfyUI's page saves it ("nodes" and "links"). The schema is
 * https://docs.comfy.org/specs/workflow_json; older files are read leniently.
 */
export interface UiWorkflow extends UiLayer {
  /** Definitions of subgraphs, by id: a node whose type is such an id is an instance. */
  readonly subgraphs: ReadonlyMap<string, UiSubgraph>;
}

/** Nodes and links of the workflow itself, or of one subgraph. */
export interface UiLayer {
  readonly nodes: ReadonlyMap<string, UiNode>;
  readonly links: ReadonlyMap<string, UiLink>;
}

/** What a subgraph has inside, and the names of its inputs. */
export interface UiSubgraph extends UiLayer {
  readonly inputs: readonly string[];
}

/** A box on the page. */
export interface UiNode {
  readonly id: string;
  readonly type: string;
  readonly title?: string;
  /** 2: muted. 4: bypassed. Any other: active. */
  readonly mode: number;
  readonly inputs: readonly UiInput[];
  /** Types of its outputs, by slot. */
  readonly outputs: readonly string[];
  /** By position. Empty where the file has names alone. */
  readonly values: readonly unknown[];
  /** By the name of the input: files of a frontend since April 2026, and some custom nodes. */
  readonly named: Readonly<Record<string, unknown>>;
  /** Pairs of an inner node (`-1`: an input of the subgraph) and a widget, in the order of `values`. */
  readonly proxies: readonly (readonly [string, string])[];
  /** The pack that has its class, as the registry of ComfyUI names it. */
  readonly pack?: string;
}

/** A socket at the left side of a node. */
export interface UiInput {
  readonly name: string;
  readonly type: string;
  readonly link?: string;
  /** Whether it has a widget too, whose value counts without a link. */
  readonly isWidget: boolean;
}

/** From an output to an input. */
export interface UiLink {
  readonly origin: string;
  readonly originSlot: number;
  readonly target: string;
  readonly targetSlot: number;
}

/** The node by which a subgraph's inputs come in, and the one by which its outputs leave. */
export const inputNode = '-10';
export const outputNode = '-20';

/** Whether this is a workflow of ComfyUI's page. */
export function isUiWorkflow(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && Array.isArray(value['nodes']);
}

/** Reads a workflow; the index of the first entry that is not a node where it is damaged. */
export function readUiWorkflow(value: Readonly<Record<string, unknown>>): UiWorkflow | { readonly damaged: number } {
  const layer = readLayer(value);
  if ('damaged' in layer) {
    return layer;
  }
  const subgraphs = new Map<string, UiSubgraph>();
  const definitions = isRecord(value['definitions']) ? value['definitions']['subgraphs'] : undefined;
  for (const definition of records(definitions)) {
    const inside = readLayer(definition);
    if ('damaged' in inside) {
      return inside;
    }
    const inputs = records(definition['inputs']).map(({ name }) => textOf(name));
    subgraphs.set(textOf(definition['id']), { ...inside, inputs });
  }
  return { ...layer, subgraphs };
}

function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function readLayer(value: Readonly<Record<string, unknown>>): UiLayer | { readonly damaged: number } {
  const list: readonly unknown[] = Array.isArray(value['nodes']) ? value['nodes'] : [];
  const nodes = new Map<string, UiNode>();
  for (const [index, entry] of list.entries()) {
    const node = isRecord(entry) ? readNode(entry) : undefined;
    if (node === undefined) {
      return { damaged: index };
    }
    nodes.set(node.id, node);
  }
  const links = new Map<string, UiLink>();
  for (const link of Array.isArray(value['links']) ? (value['links'] as readonly unknown[]) : []) {
    // Version 0.4 has a list for each link, version 1 and the insides of subgraphs have an object.
    const [id, origin, originSlot, target, targetSlot] = Array.isArray(link)
      ? link
      : isRecord(link)
        ? [link['id'], link['origin_id'], link['origin_slot'], link['target_id'], link['target_slot']]
        : [];
    links.set(textOf(id), {
      origin: textOf(origin),
      originSlot: Number(originSlot),
      target: textOf(target),
      targetSlot: Number(targetSlot),
    });
  }
  return { nodes, links };
}

function readNode(entry: Readonly<Record<string, unknown>>): UiNode | undefined {
  const { id, type, title, mode, widgets_values: values, widgets_values_named: named } = entry;
  if (typeof type !== 'string' || textOf(id) === '') {
    return undefined;
  }
  const properties = isRecord(entry['properties']) ? entry['properties'] : {};
  const pack = textOf(properties['cnr_id'], textOf(properties['aux_id']));
  const proxies = Array.isArray(properties['proxyWidgets']) ? (properties['proxyWidgets'] as readonly unknown[]) : [];
  return {
    id: textOf(id),
    type,
    ...(typeof title === 'string' && title !== '' ? { title } : {}),
    mode: typeof mode === 'number' ? mode : 0,
    inputs: records(entry['inputs']).map(readInput),
    outputs: records(entry['outputs']).map((output) => textOf(output['type'], '*')),
    values: Array.isArray(values) ? values : [],
    named: { ...(isRecord(values) ? values : {}), ...(isRecord(named) ? named : {}) },
    proxies: proxies.filter(Array.isArray).map(([node, widget]) => [textOf(node), textOf(widget)] as const),
    ...(pack === '' ? {} : { pack }),
  };
}

function readInput(input: Readonly<Record<string, unknown>>): UiInput {
  const link = textOf(input['link']);
  return {
    name: textOf(input['name']),
    type: textOf(input['type'], '*'),
    ...(link === '' ? {} : { link }),
    isWidget: isRecord(input['widget']),
  };
}
