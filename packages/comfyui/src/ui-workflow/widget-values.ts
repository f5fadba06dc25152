import { isRecord } from '@holodeck/core/backend';
import {
  defaultOf,
  fits,
  inputsOf,
  inputsOfOption,
  isAutogrow,
  isDynamicCombo,
  isPlainWidget,
} from './input-specifications.ts';
import type { InputSpecification } from './input-specifications.ts';
import type { NodeInfo } from '../workflow/node-info.ts';
import type { UiNode } from './ui-graph.ts';

/** The widgets of a node, or the input that only the page can fill; undefined: the values fit no order of the inputs. */
export type WidgetValues = ReadonlyMap<string, unknown> | { readonly unreadable: string } | undefined;

/** What the widget after a seed says, which the server knows nothing of. */
const controlWords: ReadonlySet<unknown> = new Set(['fixed', 'increment', 'decrement', 'randomize', 'increment-wrap']);
/** Values of upload buttons. */
const uploadWords: ReadonlySet<unknown> = new Set(['image', 'audio', 'video', 'file', 'model', '', null]);
/** Widgets whose value the code of the page makes at the moment of sending. */
const madeOnSending = /^(?:WEBCAM|AUDIO_RECORD|LOAD_?3D.*)$/;

/**
 * The values of a node's widgets by the names of its inputs. Values with names win; else they stand in the order in which the
 * page makes widgets for the inputs of `/object_info`, with one more after a seed and one for an upload button. What the file
 * lacks gets its default: the class has got that input since.
 */
export function widgetValues(node: UiNode, info: NodeInfo, overrides: ReadonlyMap<string, unknown>): WidgetValues {
  const reader = new PositionalReader(node);
  const positional = reader.read(inputsOf(info));
  const isNamed = Object.keys(node.named).length > 0;
  if (!isNamed && (positional === undefined || !reader.isDone)) {
    return undefined;
  }
  return named(node, inputsOf(info), new Map([...(positional ?? []), ...Object.entries(node.named), ...overrides]));
}

function named(node: UiNode, inputs: readonly InputSpecification[], known: ReadonlyMap<string, unknown>): WidgetValues {
  const found = new Map<string, unknown>();
  const pending = [...inputs];
  for (const input of pending) {
    const { name, type } = input;
    if (!isWidget(node, input)) {
      continue;
    }
    const value = known.get(name) ?? defaultOf(input);
    const isLinked = node.inputs.some((socket) => socket.name === name && socket.link !== undefined);
    const isOpaque = !isPlainWidget(input) && value !== undefined && typeof value === 'object';
    if ((madeOnSending.test(type) || isOpaque) && !isLinked) {
      return { unreadable: name };
    }
    if (value !== undefined && value !== null) {
      found.set(name, value);
    }
    if (isDynamicCombo(input)) {
      pending.push(...nested(input, value));
    }
  }
  return found;
}

function nested(input: InputSpecification, key: unknown): InputSpecification[] {
  return inputsOfOption(input, key).map((inner) => ({ ...inner, name: `${input.name}.${inner.name}` }));
}

/** A file of a present frontend marks the sockets that have widgets; those of unknown types count only so. */
function isWidget(node: UiNode, input: InputSpecification): boolean {
  const marked = node.inputs.some(({ name, isWidget: has }) => has && name === input.name);
  return isPlainWidget(input) || (marked && !isAutogrow(input) && input.details['forceInput'] !== true);
}

class PositionalReader {
  readonly #node: UiNode;
  #at = 0;
  #misfit = false;
  readonly #found: Map<string, unknown> = new Map();

  constructor(node: UiNode) {
    this.#node = node;
  }

  /** Whether nothing is left that an input should have taken. */
  get isDone(): boolean {
    return this.#node.values.slice(this.#at).every((value) => uploadWords.has(value) || controlWords.has(value));
  }

  /** Undefined where a value is not of its input's kind. */
  read(inputs: readonly InputSpecification[]): ReadonlyMap<string, unknown> | undefined {
    const required = inputs.filter((input) => input.required);
    this.#group(required);
    if (required.some(isUpload) && uploadWords.has(this.#next) && !this.isAtEnd) {
      this.#at += 1;
    }
    this.#group(inputs.filter((input) => !input.required));
    return this.#misfit ? undefined : this.#found;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#node.values.length;
  }

  get #next(): unknown {
    return this.#node.values[this.#at];
  }

  #group(inputs: readonly InputSpecification[]): void {
    for (const input of inputs) {
      if (!isWidget(this.#node, input)) {
        continue;
      }
      const value = this.#next;
      this.#at += 1;
      if (value !== undefined && value !== null) {
        this.#misfit ||= !fits(input, value);
        this.#found.set(input.name, value);
      }
      if (isDynamicCombo(input)) {
        this.#group(nested(input, value ?? defaultOf(input)));
      }
      this.#skipControl(input, value);
    }
  }

  /** A choice with a control has a filter after it as well. */
  #skipControl({ type, name, details }: InputSpecification, value: unknown): void {
    const isSeed = type === 'INT' && /^(?:noise_)?seed$/.test(name);
    const hasControl = details['control_after_generate'] !== undefined || isSeed;
    if (!hasControl || value === undefined || !controlWords.has(this.#next)) {
      return;
    }
    this.#at += 1;
    if (type === 'COMBO' && typeof this.#next === 'string') {
      this.#at += 1;
    }
  }
}

function isUpload({ details }: InputSpecification): boolean {
  return Object.keys(details).some((key) => key.endsWith('_upload') && details[key] === true);
}

/** What a text becomes when the page sends it: without comments and escapes; or the words that it draws from. */
export function textOfWidget(text: string): { readonly text: string } | { readonly draws: string } {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const [choice] = /(?<!\\)\{[^}]*\}?/.exec(bare) ?? [];
  return choice === undefined ? { text: bare.replace(/\\([{}|])/g, '$1') } : { draws: choice.slice(0, 60) };
}

/** An array as a value: in API format a plain one would be a link. */
export function asInput(value: unknown): unknown {
  return Array.isArray(value) ? { __value__: value } : isRecord(value) ? structuredClone(value) : value;
}
