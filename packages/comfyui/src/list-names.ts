/** How many names a sentence holds. */
const mostNames = 30;

/** Names for a sentence: the first ones, where there are many. */
export function listNames(names: readonly string[]): string {
  return (names.length > mostNames ? [...names.slice(0, mostNames), '...'] : names).join(', ');
}
