import type { CompletionCommand } from './command-tree.ts';

/** A script for bash 3.2 and newer: `eval "$(holodeck-image completion bash)"`. */
export function bashCompletion(name: string, commands: readonly CompletionCommand[]): string {
  const functionName = `_${name.replaceAll('-', '_')}`;
  const words = commands.map(({ path, options, subcommands, argumentChoices }) => {
    const offered = [
      ...subcommands.map((sub) => sub.name),
      ...argumentChoices,
      ...options.flatMap((option) => option.names),
    ];
    return `    ${quote(path.join(' '))}) words=${quote(offered.join(' '))} ;;`;
  });
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter((option) => option.takesValue)
      .map(({ names, choices }) => {
        const patterns = names.map((option) => quote(`${path.join(' ')}|${option}`)).join('|');
        return `    ${patterns}) values=${quote(choices.join(' '))} takes=1 ;;`;
      }),
  );
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quote(path.join(' ')));
  return `# bash completion for ${name}
${functionName}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path='' words='' values='' takes='' word next
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in
    ${paths.join('|')}) path="$next" ;;
    esac
  done
  case "$path|$previous" in
${values.join('\n')}
  esac
  if [ -n "$takes" ]; then
    [ -n "$values" ] && COMPREPLY=($(compgen -W "$values" -- "$current")) || COMPREPLY=($(compgen -f -- "$current"))
    return
  fi
  case "$path" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$current"))
  return 0
}
complete -o filenames -F ${functionName} ${name}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
