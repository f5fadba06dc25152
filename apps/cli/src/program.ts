import { Command, Help, InvalidArgumentError, Option } from 'commander';
import type { Argument, ErrorOptions } from 'commander';
import stringWidth from 'fast-string-width';

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

  /** Every exit passes here, also Commander's own. */
  override error(message: string, options?: ErrorOptions): never {
    return super.error(`${messages().reports.error}${message.replace(/^error: /, '')}`, options);
  }

  /**
   * Shows the help of the named command or subcommand. Replaces Commander's method, which for an unknown name prints the whole help and
   * does not mention the name.
   */
  protected _dispatchHelpCommand(): never {
    return showHelp(this, this.args.slice(1));
  }

  // These replace Commander's methods of the same names, which speak English.

  protected unknownOption(flag: string): never {
    const near = flag.startsWith('--') ? suggest(flag.slice(2), longOptions(this)) : undefined;
    return fail(this, 'unknownOption', messages().errors.unknownOption(flag), near && `--${near}`);
  }

  protected unknownCommand(): never {
    return failUnknown(this, this.args[0] ?? '');
  }

  protected missingArgument(name: string): never {
    return fail(this, 'missingArgument', messages().errors.missingArgument(name));
  }

  protected optionMissingArgument({ flags }: Option): never {
    return fail(this, 'optionMissingArgument', messages().errors.missingOptionValue(flags));
  }

  protected _callParseArg(target: Option | Argument, value: string, previous: unknown): unknown {
    try {
      return target.parseArg?.(value, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const { errors } = messages();
      const text =
        target instanceof Option
          ? errors.invalidOptionValue(target.flags, value, error.message)
          : errors.invalidArgument(target.name(), value, error.message);
      return fail(this, 'invalidArgument', text);
    }
  }

  protected _excessArguments(): never {
    const { parent } = this;
    // "jobs forgt": the default command took the word for an argument.
    const [word = ''] = this.args;
    if (parent?.parent && parent.args[0] === word && nearCommand(parent, word) !== undefined) {
      return failUnknown(parent, word);
    }
    const { length } = this.registeredArguments;
    const text = messages().errors.excessArguments(parent === null ? '' : this.name(), length, this.args.length);
    return fail(this, 'excessArguments', text);
  }
}

function fail(command: Command, code: string, text: string, near?: string): never {
  const hint = near === undefined ? '' : `\n(${messages().errors.didYouMean(near)})`;
  return command.error(text + hint, { code: `commander.${code}` });
}

function failUnknown(command: Command, name: string): never {
  return fail(command, 'unknownCommand', messages().errors.unknownCommand(name), nearCommand(command, name));
}

/** The options of a command and of those above it, without their dashes. */
function longOptions(command: Command): readonly string[] {
  const own = command.createHelp().visibleOptions(command);
  const above = command.parent === null ? [] : longOptions(command.parent);
  return [...own.flatMap(({ long }) => long?.slice(2) ?? []), ...above];
}

function nearCommand(command: Command, name: string): string | undefined {
  return suggest(
    name,
    command.commands.map((one) => one.name()),
  );
}

function showHelp(command: Command, [name, ...rest]: readonly string[]): never {
  if (name === undefined) return command.help();
  const names = command.commands.map((one) => one.name());
  const next = command.commands[names.indexOf(name)];
  if (next !== undefined) return showHelp(next, rest);
  return failUnknown(command, name);
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
