/** Why a file could not be read or understood, in brief: the code of a system error (`ENOENT`), else its message. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
