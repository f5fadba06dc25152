import { Command, Help } from 'commander';
import type { ErrorOptions } from 'commander';
import stringWidth from 'string-width';

import { messages } from './messages/messages.ts';
import { suggest } from './suggest.ts';
import { wrapText } from './wrap-text.ts';

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
    const text = errors.excessArguments(
      parent === null ? '' : this.name(),
      this.registeredArguments.length,
      this.args.length,
    );
    // "jobs forgt": the default command took the word for an argument.
    const siblings = parent?.parent ? parent.commands.map((command) => command.name()) : [];
    const near = suggest(this.args[0] ?? '', siblings);
    return near === undefined ? text : `${text}\n(${errors.didYouMean(near)})`;
  }
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

  #localizeExtras(text: string): string {
    const { titles } = messages().commands;
    return text
      .replace(/\(choices: /, `(${titles.choices}: `)
      .replace(/(\(|, )default: (?=[^()]*\)$)/, `$1${titles.defaultValue}: `);
  }
}
