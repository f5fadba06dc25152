import { Command, Help } from 'commander';
import type { ErrorOptions } from 'commander';
import stringWidth from 'string-width';

import { messages } from './messages/messages.ts';
import { suggest } from './options/suggest.ts';
import { wrapText } from './reports/wrap-text.ts';

/** A command whose help and errors are in the language of the messages. */
export class LocalizedCommand extends Command {
  constructor(name?: string) {
    super(name);
    this.helpOption('-h, --help', messages().commands.helpOption);
  }

  override createCommand(name?: string): LocalizedCommand {
    return new LocalizedCommand(name);
  }

  override createHelp(): Help {
    return Object.assign(new LocalizedHelp(), this.configureHelp());
  }

  /** Commander writes its errors in English; what they say is told by their code. */
  override error(message: string, options?: ErrorOptions): never {
    const { error } = messages().reports;
    return super.error(`${error}${this.#describe(message, options?.code)}`, options);
  }

  /**
   * Shows the help of the command that was named, also of one within another. Takes the place of Commander's own, which is called
   * for `help`: for a name that it does not know, that one prints the whole help and says nothing of the name.
   */
  protected _dispatchHelpCommand(): never {
    return showHelp(this, this.args.slice(1));
  }

  #describe(message: string, code: string | undefined): string {
    const { errors } = messages();
    const quoted = [...message.matchAll(/'([^']*)'/g)].map(([, text = '']) => text);
    const [first = '', second = ''] = quoted;
    const near = /\(Did you mean (?:one of )?(.*)\?\)$/.exec(message)?.[1];
    const hint = near === undefined ? '' : `\n(${errors.didYouMean(near)})`;
    switch (code) {
      case 'commander.unknownOption':
        return `${errors.unknownOption(first)}${hint}`;
      case 'commander.unknownCommand':
        return `${errors.unknownCommand(first)}${hint}`;
      case 'commander.missingArgument':
        return errors.missingArgument(first);
      case 'commander.optionMissingArgument':
        return errors.missingOptionValue(first);
      case 'commander.excessArguments':
        return this.#excess();
      case 'commander.invalidArgument': {
        // Its end is ours already: the parser of the value wrote it.
        const reason = /(?: is invalid| is invalid for argument '[^']*')\. (.*)$/s.exec(message)?.[1] ?? message;
        return message.includes(' is invalid for argument ')
          ? errors.invalidArgument(second, first, reason)
          : errors.invalidOptionValue(first, second, reason);
      }
      default:
        return message.replace(/^error: /, '');
    }
  }

  #excess(): string {
    const { errors } = messages();
    const { parent } = this;
    // "jobs forgt": the default command took the word for an argument.
    const [word = ''] = this.args;
    if (parent?.parent && parent.args[0] === word) {
      const near = suggest(
        word,
        parent.commands.map((command) => command.name()),
      );
      if (near !== undefined) return `${errors.unknownCommand(word)}\n(${errors.didYouMean(near)})`;
    }
    return errors.excessArguments(
      parent === null ? '' : this.name(),
      this.registeredArguments.length,
      this.args.length,
    );
  }
}

function showHelp(command: Command, [name, ...rest]: readonly string[]): never {
  if (name === undefined) return command.help();
  const names = command.commands.map((one) => one.name());
  const next = command.commands[names.indexOf(name)];
  if (next !== undefined) return showHelp(next, rest);
  // In Commander's words, which `error` puts into ours.
  const near = suggest(name, names);
  const hint = near === undefined ? '' : `\n(Did you mean ${near}?)`;
  return command.error(`error: unknown command '${name}'${hint}`, { code: 'commander.unknownCommand' });
}

class LocalizedHelp extends Help {
  override styleTitle(title: string): string {
    const { titles } = messages().commands;
    const known: Readonly<Record<string, string>> = {
      'Usage:': titles.usage,
      'Arguments:': titles.arguments,
      'Options:': titles.options,
      'Commands:': titles.commands,
    };
    return known[title] ?? title;
  }

  override commandUsage(command: Command): string {
    return this.#localizeParts(super.commandUsage(command));
  }

  override subcommandTerm(command: Command): string {
    return this.#localizeParts(super.subcommandTerm(command));
  }

  override optionDescription(...[option]: Parameters<Help['optionDescription']>): string {
    return this.#localizeExtras(super.optionDescription(option));
  }

  override argumentDescription(...[argument]: Parameters<Help['argumentDescription']>): string {
    return this.#localizeExtras(super.argumentDescription(argument));
  }

  override displayWidth(text: string): number {
    return stringWidth(text);
  }

  override boxWrap(text: string, width: number): string {
    return wrapText(text, width);
  }

  #localizeParts(text: string): string {
    const { titles } = messages().commands;
    return text.replace('[options]', titles.optionsPart).replace('[command]', titles.commandPart);
  }

  /** Commander ends a description in `(choices: "en", "zh", default: "en")`. */
  #localizeExtras(text: string): string {
    const { titles } = messages().commands;
    return text.replace(
      /\s*\((?:choices: ((?:"[^"]*"(?:, (?="))?)+)(?:, )?)?(?:default: (.*))?\)$/,
      (all, choices = '', fallback = '') =>
        choices === '' && fallback === '' ? all : titles.values(choices, fallback),
    );
  }
}
