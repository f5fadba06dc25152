import type { MiddlewareHandler } from 'hono';
import type { JobService } from '../jobs/job-service.ts';

/** Figures of a gateway since it started, in the text format of Prometheus. */
export class GatewayCounters {
  readonly #answers = new Map<number, number>();
  readonly #ended = new Map<string, number>();
  #waiting = 0;

  /** Counts answers by status, and calls that are not answered yet. */
  readonly middleware: MiddlewareHandler = async (context, next) => {
    this.#waiting += 1;
    try {
      await next();
    } finally {
      this.#waiting -= 1;
      const { status } = context.res;
      this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
    }
  };

  /** A job is over. */
  jobEnded(status: string): void {
    this.#ended.set(status, (this.#ended.get(status) ?? 0) + 1);
  }

  async render(service: JobService): Promise<string> {
    const stats = Map.groupBy(await service.clients.stats(), ({ backend }) => backend);
    const metric = (name: string, type: string, help: string, values: readonly (readonly [string, number])[]): string =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...values.map(([labels, value]) => `${name}${labels} ${value}`),
        '',
      ].join('\n');
    const byStatus = (counts: ReadonlyMap<number | string, number>): [string, number][] =>
      [...counts].map(([status, count]) => [`{status="${status}"}`, count]);
    return [
      metric('holodeck_gateway_answers_total', 'counter', 'Answers, by status.', byStatus(this.#answers)),
      metric('holodeck_gateway_waiting', 'gauge', 'Calls that are not answered yet.', [['', this.#waiting]]),
      metric('holodeck_gateway_jobs_open', 'gauge', 'Jobs that this gateway runs or has in line.', [
        ['', service.open],
      ]),
      metric('holodeck_gateway_jobs_total', 'counter', 'Jobs that ended here, by status.', byStatus(this.#ended)),
      ...(['submissions', 'accepted', 'unknown', 'polls'] as const).map((name) =>
        metric(
          `holodeck_${name}_total`,
          'counter',
          {
            submissions: 'Submissions sent.',
            accepted: 'Submissions accepted.',
            unknown: 'Unknown outcomes.',
            polls: 'Polls.',
          }[name],
          [...stats].map(([backend, clients]) => [
            `{backend="${backend}"}`,
            clients.reduce((sum, counts) => sum + counts[name], 0),
          ]),
        ),
      ),
      metric('holodeck_memory_bytes', 'gauge', 'Memory of the process.', [['', process.memoryUsage.rss()]]),
    ].join('');
  }
}
