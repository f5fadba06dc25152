import { readVariable } from '@holodeck/core/backend';

import { messages } from '../messages/messages.ts';
import { CommandError } from '../run/command-error.ts';

/**
 * Sets the variable that a flag stands for: a flag wins over its variable.
 *
 * @throws CommandError for a value that counts as unset, such as a placeholder, which would be ignored.
 */
export function setVariable(name: string, value: string, flag: string): void {
  process.env[name] = value;
  if (readVariable(process.env, name) === undefined)
    throw new CommandError(messages().errors.flagUnset(flag, JSON.stringify(value)));
}
