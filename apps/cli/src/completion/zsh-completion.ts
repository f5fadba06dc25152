import type { CompletionCommand, CompletionOption } from './command-tree.ts';

/** A script for zsh: `eval "$(holodeck-image completion zsh)"` after `compinit`, or a file `_holodeck-image` in `$fpath`. */
export function zshCompletion(name: string, commands: readonly CompletionCommand[]): string {
  const functionOf = (path: readonly string[]): string =>
    ['', name, ...path].join('_').replaceAll(/[^\w]/g, '_').replace(/^_+/, '_');
  const functions = commands.map((command) => {
    const { path, subcommands, argumentChoices, options } = command;
    const specs = options.map((option) => `    ${optionSpec(option)}`);
    if (subcommands.length === 0) {
      const rest = argumentChoices.length === 0 ? '_files' : `(${argumentChoices.join(' ')})`;
      return `${functionOf(path)}() {
  _arguments -s \\
${[...specs, `    '*:argument:${rest}'`].join(' \\\n')}
}`;
    }
    const listed = subcommands.map((sub) => `    ${quote(`${colons(sub.name)}:${sub.description}`)}`).join('\n');
    const cases = subcommands.map((sub) => `      ${sub.name}) ${functionOf([...path, sub.name])} ;;`).join('\n');
    return `${functionOf(path)}() {
  local context state line curcontext="$curcontext"
  local -a commands
  commands=(
${listed}
  )
  _arguments -C -s \\
${[...specs, "    '1:command:->command'", "    '*::argument:->argument'"].join(' \\\n')}
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${cases}
      esac ;;
  esac
}`;
  });
  return `#compdef ${name}
${functions.join('\n')}
compdef ${functionOf([])} ${name}`;
}

function optionSpec({ names, description, takesValue, choices }: CompletionOption): string {
  const action = choices.length === 0 ? '_files' : `(${choices.join(' ')})`;
  const value = takesValue ? `:value:${action}` : '';
  const text = `[${description.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]${value}`;
  if (names.length === 1) return quote(`*${names[0] ?? ''}${text}`);
  return `${quote(`(${names.join(' ')})`)}{${names.join(',')}}${quote(text)}`;
}

function colons(text: string): string {
  return text.replaceAll(':', String.raw`\:`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
