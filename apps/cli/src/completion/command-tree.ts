import type { Command } from 'commander';

/** An option as a shell needs to know it. */
export interface CompletionOption {
  /** `--out`, `-q`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** Empty = any value: a file name, then. */
  readonly choices: readonly string[];
}

/** A command as a shell needs to know it. */
export interface CompletionCommand {
  /** From the program on: `["jobs", "pay-again"]`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly CompletionOption[];
  /** What its first arguments may be; empty = anything, a file name among them. */
  readonly argumentChoices: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
}

/** The program's commands, the program itself first. */
export function commandTree(program: Command): readonly CompletionCommand[] {
  return describe(program, []);
}

function describe(command: Command, path: readonly string[]): readonly CompletionCommand[] {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command).filter((sub) => sub.name() !== 'help');
  const own: CompletionCommand = {
    path,
    description: command.description(),
    options: help.visibleOptions(command).map((option) => ({
      names: [option.short, option.long].filter((name) => typeof name === 'string'),
      description: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    })),
    argumentChoices: command.registeredArguments[0]?.argChoices ?? [],
    subcommands: subcommands.map((sub) => ({ name: sub.name(), description: sub.description() })),
  };
  return [own, ...subcommands.flatMap((sub) => describe(sub, [...path, sub.name()]))];
}
