/** Resolves when `check` passes within `withinMs` (0: it must pass now); rejects with its last error otherwise. */
export async function eventually(check: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await check())) {
    if (withinMs === 0 || performance.now() > deadline) {
      throw new Error(`What should hold within ${withinMs} ms did not: ${check.toString()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
