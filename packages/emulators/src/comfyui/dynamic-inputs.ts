/** Inputs that depend on others, as the server spells them out for one node before it checks it. */
import { isRecord } from '../base/is-record.ts';
import type { InputSpecification, NodeDefinition } from './node-definitions.ts';

type Inputs = Readonly<Record<string, InputSpecification>>;

/** A node's inputs with their names in the graph: `name.sub` for the inputs of a choice and for a row of links. */
export function liveInputs(
  definition: NodeDefinition,
  values: Readonly<Record<string, unknown>>,
): { readonly required: Inputs; readonly optional: Inputs } {
  const required: Record<string, InputSpecification> = {};
  const optional: Record<string, InputSpecification> = { ...definition.optional };
  const pending = Object.entries(definition.required);
  for (const [name, specification] of pending) {
    const [type, details = {}] = specification;
    if (type === 'COMFY_MATCHTYPE_V3') {
      required[name] = ['*', {}];
    } else if (type === 'COMFY_DYNAMICCOMBO_V3') {
      const options = (details['options'] as readonly unknown[]).filter(isRecord);
      required[name] = ['COMBO', { options: options.map(({ key }) => key) }];
      const chosen = options.find(({ key }) => key === values[name])?.['inputs'];
      const inner = isRecord(chosen) && isRecord(chosen['required']) ? (chosen['required'] as Inputs) : {};
      pending.push(
        ...Object.entries(inner).map(([sub, one]) => [`${name}.${sub}`, one] as [string, InputSpecification]),
      );
    } else if (type === 'COMFY_AUTOGROW_V3') {
      const { prefix, min } = details['template'] as { prefix: string; min: number };
      for (let index = 0; index < min; index += 1) required[`${name}.${prefix}${index}`] = ['IMAGE', {}];
      for (const given of Object.keys(values)) {
        if (given.startsWith(`${name}.`) && !Object.hasOwn(required, given)) optional[given] = ['IMAGE', {}];
      }
    } else {
      required[name] = specification;
    }
  }
  return { required, optional };
}
