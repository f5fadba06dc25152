import type { Command } from 'commander';

import { choiceOption } from './choice-option.ts';
import { languages } from '../messages/language.ts';
import { messages } from '../messages/messages.ts';

/** Adds `--lang`. Its value is read earlier, because parsing has its own messages; here it is only checked. */
export function withLanguageOption(command: Command): Command {
  return command.addOption(choiceOption('--lang <language>', messages().commands.common.lang, languages));
}
