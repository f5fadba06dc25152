/** Validates a posted graph against the node definitions, with ComfyUI's own error types, texts and order of checks. */
import { isRecord } from '../base/is-record.ts';
import { liveInputs } from './dynamic-inputs.ts';
import { inputsOf, linkedNode, pythonRepr } from './graph-types.ts';
import type { InputSpecification, NodeDefinition } from './node-definitions.ts';
import type { Version } from './comfyui-settings.ts';

export interface ValidationError {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Record<string, unknown>;
}

interface NodeErrorEntry {
  readonly errors: readonly ValidationError[];
  readonly dependent_outputs: string[];
  readonly class_type: string;
}

export type NodeErrors = Record<string, NodeErrorEntry>;

/** What a validation finds: outputs that can run, or the error of the whole. */
export type Validation =
  | { readonly valid: true; readonly outputs: readonly string[]; readonly nodeErrors: NodeErrors }
  | { readonly valid: false; readonly error: ValidationError; readonly nodeErrors: NodeErrors };

export interface ValidationContext {
  readonly definitions: Readonly<Record<string, NodeDefinition>>;
  readonly version: Version;
  /** Whether an input file of that name is there (`LoadImage`). */
  readonly fileExists: (name: string) => boolean;
}

const failure = (
  type: string,
  message: string,
  details: string,
  extra: Record<string, unknown> = {},
): ValidationError => ({
  type,
  message,
  details,
  extra_info: extra,
});

/** `targets`: the output nodes that are wanted; undefined = all. Inputs are coerced in place, as the server does. */
export function validateGraph(
  prompt: Readonly<Record<string, unknown>>,
  targets: readonly string[] | undefined,
  context: ValidationContext,
): Validation {
  const outputs: string[] = [];
  for (const [id, node] of Object.entries(prompt)) {
    const missing = missingType(id, node, context);
    if (missing !== undefined) return { valid: false, error: missing, nodeErrors: {} };
    const isOutput = context.definitions[classOf(node)]?.outputNode === true;
    if (isOutput && (targets === undefined || targets.includes(id))) outputs.push(id);
  }
  if (outputs.length === 0) {
    return { valid: false, error: failure('prompt_no_outputs', 'Prompt has no outputs', ''), nodeErrors: {} };
  }
  return new GraphValidator(prompt, context).run(outputs);
}

function classOf(node: unknown): string {
  const name = isRecord(node) ? node['class_type'] : undefined;
  return typeof name === 'string' ? name : '';
}

function missingType(id: string, node: unknown, context: ValidationContext): ValidationError | undefined {
  const name = isRecord(node) ? node['class_type'] : undefined;
  if (typeof name === 'string' && Object.hasOwn(context.definitions, name)) return undefined;
  const details = `Node ID '#${id}'`;
  if (!context.version.atLeast(0, 12)) {
    const message =
      typeof name === 'string'
        ? `Cannot execute because node ${name} does not exist.`
        : 'Cannot execute because a node is missing the class_type property.';
    return failure('invalid_prompt', message, details);
  }
  if (typeof name !== 'string') {
    const message = `Node 'ID #${id}' has no class_type. The workflow may be corrupted or a custom node is missing.`;
    return failure('missing_node_type', message, details, { node_id: id, class_type: null, node_title: null });
  }
  const meta = isRecord(node) && isRecord(node['_meta']) ? node['_meta'] : {};
  const title = typeof meta['title'] === 'string' ? meta['title'] : name;
  const message = `Node '${title}' not found. The custom node may not be installed.`;
  return failure('missing_node_type', message, details, { node_id: id, class_type: name, node_title: title });
}

class GraphValidator {
  readonly #prompt: Readonly<Record<string, unknown>>;
  readonly #context: ValidationContext;
  /** Reasons by node, empty = valid itself; and whether all that it depends on is valid. */
  readonly #results: Map<string, { valid: boolean; reasons: ValidationError[] }> = new Map();
  #path: string[] = [];

  constructor(prompt: Readonly<Record<string, unknown>>, context: ValidationContext) {
    this.#prompt = prompt;
    this.#context = context;
  }

  run(outputs: readonly string[]): Validation {
    const good: string[] = [];
    const nodeErrors: NodeErrors = {};
    const details: string[] = [];
    for (const output of outputs) {
      this.#path = [];
      let valid: boolean;
      let own: readonly ValidationError[];
      try {
        valid = this.#validate(output);
        own = this.#results.get(output)?.reasons ?? [];
      } catch (error) {
        valid = false;
        own = [exceptionWhileValidating(error)];
        this.#results.set(output, { valid, reasons: [...own] });
      }
      if (valid) {
        good.push(output);
        continue;
      }
      details.push(...own.map((reason) => `${reason.message}: ${reason.details}`));
      for (const [id, result] of this.#results) {
        if (result.valid || result.reasons.length === 0) continue;
        nodeErrors[id] ??= { errors: result.reasons, dependent_outputs: [], class_type: classOf(this.#prompt[id]) };
        nodeErrors[id].dependent_outputs.push(output);
      }
    }
    if (good.length > 0) return { valid: true, outputs: good, nodeErrors };
    const error = failure('prompt_outputs_failed_validation', 'Prompt outputs failed validation', details.join('\n'));
    return { valid: false, error, nodeErrors };
  }

  #validate(id: string): boolean {
    const known = this.#results.get(id);
    if (known !== undefined) return known.valid;
    const node = this.#prompt[id];
    if (node === undefined) throw new KeyError(id);
    if (!isRecord(node) || !isRecord(node['inputs'])) throw new KeyError('inputs');
    if (this.#path.includes(id)) return this.#cycle(id);
    this.#path.push(id);
    const result = { valid: true, reasons: [] as ValidationError[] };
    const definition = this.#context.definitions[classOf(node)]!;
    const live = liveInputs(definition, node['inputs']);
    for (const [group, required] of [[live.required, true] as const, [live.optional, false] as const]) {
      for (const [name, specification] of Object.entries(group)) {
        const reason = this.#checkInput(id, name, specification, required);
        if (reason !== undefined) result.valid = false;
        if (typeof reason === 'object') result.reasons.push(reason);
      }
    }
    this.#path.pop();
    const cyclic = this.#results.get(id);
    if (cyclic !== undefined) return cyclic.valid;
    this.#results.set(id, result);
    return result.valid;
  }

  /** An error; `true` where something upstream is not valid; undefined where all is well. */
  #checkInput(
    id: string,
    name: string,
    specification: InputSpecification,
    required: boolean,
  ): ValidationError | true | undefined {
    const inputs = inputsOf(this.#prompt[id]);
    const [type] = specification;
    const extra = { input_name: name, input_config: specification };
    if (!Object.hasOwn(inputs, name)) {
      return required
        ? failure('required_input_missing', 'Required input is missing', name, { input_name: name })
        : undefined;
    }
    const value = inputs[name];
    if (Array.isArray(value)) {
      if (value.length !== 2) {
        const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
        return failure('bad_linked_input', message, name, { ...extra, received_value: value });
      }
      const source = linkedNode(value)!;
      if (typeof value[0] !== 'string' || !Object.hasOwn(this.#prompt, source)) throw new KeyError(value[0]);
      const received = this.#context.definitions[classOf(this.#prompt[source])]?.output[Number(value[1])];
      if (received === undefined) throw new PythonError('IndexError', 'tuple index out of range');
      if (
        type !== '*' &&
        received !== 'COMFY_MATCHTYPE_V3' &&
        received !== '*' &&
        typeof type === 'string' &&
        type !== received
      ) {
        const details = `${name}, received_type(${received}) mismatch input_type(${type})`;
        const more = { ...extra, received_type: received, linked_node: value };
        return failure('return_type_mismatch', 'Return type mismatch between linked nodes', details, more);
      }
      return this.#validateSource(source, { ...extra, linked_node: value }) ? undefined : true;
    }
    return this.#checkLiteral(id, name, specification, value);
  }

  /** An exception is the fault of the node that it happened in. */
  #validateSource(source: string, extra: Readonly<Record<string, unknown>>): boolean {
    const depth = this.#path.length;
    try {
      return this.#validate(source);
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      this.#path.length = depth;
      const { message, type, traceback } = error;
      const more = { ...extra, exception_message: message, exception_type: type, traceback };
      const words = 'Exception when validating inner node';
      this.#results.set(source, {
        valid: false,
        reasons: [failure('exception_during_inner_validation', words, message, more)],
      });
      return false;
    }
  }

  #checkLiteral(
    id: string,
    name: string,
    specification: InputSpecification,
    value: unknown,
  ): ValidationError | undefined {
    const [type, limits = {}] = specification;
    const extra = { input_name: name, input_config: specification };
    const inputs = inputsOf(this.#prompt[id]);
    if (classOf(this.#prompt[id]) === 'LoadImage' && name === 'image') {
      if (this.#context.fileExists(String(value))) return undefined;
      const details = `image - Invalid image file: ${String(value)}`;
      return failure('custom_validation_failed', 'Custom validation failed for node', details, { input_name: name });
    }
    const choices = Array.isArray(type) ? type : type === 'COMBO' ? limits['options'] : undefined;
    if (Array.isArray(choices)) {
      if (choices.includes(value)) return undefined;
      const list = choices.length > 20 ? `(list of length ${choices.length})` : pythonRepr(choices);
      const config = choices.length > 20 ? null : specification;
      const more = { input_name: name, input_config: config, received_value: value };
      return failure('value_not_in_list', 'Value not in list', `${name}: ${pythonRepr(value)} not in ${list}`, more);
    }
    const coerced = coerce(String(type), value);
    if (coerced.error !== undefined) {
      const message = `Failed to convert an input value to a ${String(type)} value`;
      const more = { ...extra, received_value: value, exception_message: coerced.error };
      return failure('invalid_input_type', message, `${name}, ${String(value)}, ${coerced.error}`, more);
    }
    inputs[name] = coerced.value;
    const number = Number(coerced.value);
    const { min, max } = limits as { min?: number; max?: number };
    if (min !== undefined && number < min) {
      return failure('value_smaller_than_min', `Value ${number} smaller than min of ${min}`, name, {
        ...extra,
        received_value: number,
      });
    }
    if (max !== undefined && number > max) {
      return failure('value_bigger_than_max', `Value ${number} bigger than max of ${max}`, name, {
        ...extra,
        received_value: number,
      });
    }
    return undefined;
  }

  #cycle(id: string): false {
    const nodes = this.#path.slice(this.#path.indexOf(id));
    const details = [...nodes, id].map((node) => `${node} (${classOf(this.#prompt[node])})`).join(' -> ');
    for (const node of nodes) {
      const reasons = this.#context.version.atLeast(0, 20)
        ? [failure('dependency_cycle', 'Dependency cycle detected', details, { node_id: node, cycle_nodes: nodes })]
        : [];
      this.#results.set(node, { valid: false, reasons });
    }
    return false;
  }
}

/** What the server's own code raises while it validates. */
class PythonError extends Error {
  readonly type: string;
  readonly traceback: readonly string[] = [
    '  File "execution.py", in validate_prompt\n    m = await validate_inputs(prompt_id, prompt, o, validated)\n',
  ];

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

class KeyError extends PythonError {
  constructor(key: unknown) {
    super('KeyError', pythonRepr(key));
  }
}

function exceptionWhileValidating(error: unknown): ValidationError {
  if (!(error instanceof PythonError)) throw error;
  const { message, type, traceback } = error;
  const more = { exception_type: type, traceback };
  return failure('exception_during_validation', 'Exception when validating node', message, more);
}

function coerce(type: string, value: unknown): { value: unknown; error?: string } {
  if (type === 'INT') {
    if (typeof value === 'number' || typeof value === 'boolean') return { value: Math.trunc(Number(value)) };
    if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return { value: Number(value) };
    return { value, error: `invalid literal for int() with base 10: ${pythonRepr(value)}` };
  }
  if (type === 'FLOAT') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && !Number.isNaN(number)) return { value: number };
    return { value, error: `could not convert string to float: ${pythonRepr(value)}` };
  }
  if (type === 'STRING') return { value: typeof value === 'string' ? value : pythonRepr(value) };
  return { value: type === 'BOOLEAN' ? Boolean(value) : value };
}
