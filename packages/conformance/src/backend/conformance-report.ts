import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How one assertion went for one backend. */
export type ConformanceResult =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly message: string }
  /** It does not apply, for the reason given. */
  | { readonly status: 'skipped'; readonly reason: string }
  /** It failed, as its author says it will. */
  | { readonly status: 'expected-failure'; readonly reason: string }
  /** The runner has left it out, or has not come to it. */
  | { readonly status: 'not-run' };

const signs: Readonly<Record<ConformanceResult['status'], string>> = {
  passed: 'pass',
  failed: 'FAIL',
  skipped: 'skip',
  'expected-failure': 'xfail',
  'not-run': '-',
};

/** The table of several suites: assertions down, backends across. Give the same report to each `describeImageBackend`. */
export class ConformanceReport {
  readonly #backends: string[] = [];
  readonly #results = new Map<string, Map<string, ConformanceResult>>();

  /** Names an assertion before it runs, so that one that never ran is seen. */
  announce(backend: string, test: string): void {
    if (!this.#backends.includes(backend)) this.#backends.push(backend);
    this.record(backend, test, { status: 'not-run' });
  }

  record(backend: string, test: string, result: ConformanceResult): void {
    const row = this.#results.get(test) ?? new Map<string, ConformanceResult>();
    row.set(backend, result);
    this.#results.set(test, row);
  }

  result(backend: string, test: string): ConformanceResult | undefined {
    return this.#results.get(test)?.get(backend);
  }

  /** Names of the assertions that ended so for a backend. */
  testsWith(backend: string, status: ConformanceResult['status']): string[] {
    return [...this.#results].filter(([, row]) => row.get(backend)?.status === status).map(([test]) => test);
  }

  /** The table as plain text, for a terminal. */
  toText(): string {
    const names = [...this.#results.keys()];
    const width = Math.max(...names.map((name) => name.length), 0);
    const cells = this.#backends.map((backend) => Math.max(backend.length, 5));
    const line = (first: string, values: readonly string[]): string =>
      `${first.padEnd(width)}  ${values.map((value, index) => value.padEnd(cells[index] ?? 0)).join('  ')}`.trimEnd();
    const rows = names.map((name) => line(name, this.#row(name)));
    return [line('', this.#backends), ...rows, '', ...this.#notes(), this.#summary()].join('\n');
  }

  /** The table as Markdown. */
  toMarkdown(): string {
    const row = (values: readonly string[]): string =>
      `| ${values.map((value) => value.replaceAll('|', '\\|')).join(' | ')} |`;
    const rows = [...this.#results.keys()].map((name) => row([name, ...this.#row(name)]));
    const head = [row(['assertion', ...this.#backends]), row(['---', ...this.#backends.map(() => '---')])];
    const notes = this.#notes().map((note) => `- ${note.trim()}`);
    return ['# Conformance', '', ...head, ...rows, '', ...notes, '', this.#summary(), ''].join('\n');
  }

  /** Writes the Markdown to a file; the folder is made. */
  async write(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, this.toMarkdown());
  }

  #row(test: string): string[] {
    return this.#backends.map((backend) => {
      const result = this.result(backend, test);
      return result === undefined ? '' : signs[result.status];
    });
  }

  /** One line for each reason, with what it concerns. */
  #notes(): string[] {
    const notes: string[] = [];
    for (const backend of this.#backends) {
      const byReason = new Map<string, string[]>();
      for (const [test, row] of this.#results) {
        const result = row.get(backend);
        if (result === undefined || result.status === 'passed' || result.status === 'not-run') continue;
        const reason = `${signs[result.status]}: ${'reason' in result ? result.reason : result.message}`;
        byReason.set(reason, [...(byReason.get(reason) ?? []), test]);
      }
      for (const [reason, tests] of byReason) notes.push(`${backend} · ${reason} [${tests.join('; ')}]`);
    }
    return notes;
  }

  #summary(): string {
    return this.#backends
      .map((backend) => {
        const count = (status: ConformanceResult['status']): number => this.testsWith(backend, status).length;
        const parts = [
          `${count('passed')} passed`,
          `${count('failed')} failed`,
          `${count('skipped')} skipped with a reason`,
          `${count('expected-failure')} expected failures`,
          ...(count('not-run') === 0 ? [] : [`${count('not-run')} not run`]),
        ];
        return `${backend}: ${parts.join(', ')}.`;
      })
      .join(' ');
  }
}
