import { choiceArgument } from '../options/choice-option.ts';
import { bashCompletion } from '../completion/bash-completion.ts';
import { commandTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { zshCompletion } from '../completion/zsh-completion.ts';
import { exitCodes } from '../run/exit-codes.ts';
import { withLanguageOption } from '../options/language-option.ts';
import { messages } from '../messages/messages.ts';
import type { RegisterCommand } from './register.ts';

const writers = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export const registerCompletion: RegisterCommand = (program, finish) => {
  const { completion: text } = messages().commands;
  const command = program
    .command('completion')
    .description(text.about)
    .addArgument(choiceArgument('<shell>', text.shell, Object.keys(writers)));
  withLanguageOption(command).action((shell: keyof typeof writers) => {
    process.stdout.write(`${writers[shell](program.name(), commandTree(program))}\n`);
    finish(exitCodes.done);
  });
};
