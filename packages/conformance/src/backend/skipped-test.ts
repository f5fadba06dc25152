/** Thrown by an assertion that does not apply. */
export class SkippedTest extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`Skipped: ${reason}`);
    this.name = 'SkippedTest';
    this.reason = reason;
  }
}
