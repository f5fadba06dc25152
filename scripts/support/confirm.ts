import { createInterface } from 'node:readline/promises';

/** Asks for confirmation on a terminal. `yes` skips the question; without a terminal nothing is confirmed. */
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
