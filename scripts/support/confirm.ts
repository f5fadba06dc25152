import { createInterface } from 'node:readline/promises';

/** Asks on a terminal. `yes` answers the question; without a terminal the answer is no. */
export async function confirm(
  question: string,
  yes: boolean,
  noTerminal = 'No terminal to ask on: pass --yes.',
): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    console.log(`${question} ${noTerminal}`);
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } catch {
    // Ctrl-C or the end of the input.
    return false;
  } finally {
    prompt.close();
  }
}
