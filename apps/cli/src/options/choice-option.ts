import { Argument, InvalidArgumentError, Option } from 'commander';

import { messages } from '../messages/messages.ts';
import { suggest } from './suggest.ts';

/** An option that takes one of some words; a typing error gets a suggestion. */
export function choiceOption(flags: string, description: string, names: readonly string[]): Option {
  return new Option(flags, description).choices(names).argParser((text) => requireChoice(text, names));
}

/** An argument that takes one of some words; a typing error gets a suggestion. */
export function choiceArgument(name: string, description: string, names: readonly string[]): Argument {
  const argument = new Argument(name, description).choices(names);
  return argument.argParser<unknown>((text, previous) => {
    const choice = requireChoice(text, names);
    if (!argument.variadic) return choice;
    // The first value takes the place of the default.
    return Array.isArray(previous) && previous !== argument.defaultValue ? [...previous, choice] : [choice];
  });
}

function requireChoice(text: string, names: readonly string[]): string {
  if (names.includes(text)) return text;
  const { choices, didYouMean } = messages().errors;
  const near = suggest(text, names);
  throw new InvalidArgumentError(`${choices(names.join(', '))}${near === undefined ? '' : `\n(${didYouMean(near)})`}`);
}
