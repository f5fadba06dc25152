import type { Command } from 'commander';

import { choiceOption } from './choice-option.ts';
import { languages } from '../messages/language.ts';
import { messages } from '../messages/messages.ts';

/** Adds `--lang`. Its value was read before the options are parsed, as parsing has messages of its own; here it is checked. */
export function withLanguageOption(command: Command): Command {
  return command.addOption(choiceOption('--lang <language>', messages().commands.common.lang, languages));
}
