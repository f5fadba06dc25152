/** Resolves when `check` holds: at once where `withinMs` is 0, else at the latest after that time; rejects when it does not. */
export async function eventually(check: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await check())) {
    if (withinMs === 0 || performance.now() > deadline) {
      throw new Error(`What should hold within ${withinMs} ms did not: ${check.toString()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
