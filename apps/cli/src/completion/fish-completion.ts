import type { CompletionCommand } from './command-tree.ts';

/** A script for fish 3 and newer: `holodeck-image completion fish | source`. */
export function fishCompletion(name: string, commands: readonly CompletionCommand[]): string {
  const functionName = `__${name.replaceAll('-', '_')}_at`;
  const lines = commands.flatMap(({ path, options, subcommands, argumentChoices }) => {
    const at = `complete -c ${name} -n ${quote([functionName, ...path].join(' '))}`;
    return [
      ...subcommands.map((sub) => `${at} -f -a ${quote(sub.name)} -d ${quote(sub.description)}`),
      ...argumentChoices.map((choice) => `${at} -f -a ${quote(choice)}`),
      ...options.map(({ names, description, takesValue, choices }) => {
        const flags = names.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        const value = !takesValue ? '' : choices.length === 0 ? ' -r' : ` -x -a ${quote(choices.join(' '))}`;
        return `${at} ${flags.join(' ')}${value} -d ${quote(description)}`;
      }),
    ];
  });
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quote(path.join(' ')));
  return `# fish completion for ${name}
function ${functionName}
    set -l path
    for word in (commandline -opc)[2..-1]
        if contains -- "$path $word" ${paths.map((path) => `' '${path}`).join(' ')}
            set path "$path $word"
        end
    end
    test (string trim -- "$path") = "$argv"
end
${lines.join('\n')}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
