import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ImageClient } from '@holodeck/core';
import { invalidRequest } from '@holodeck/core/backend';
import type { ImageWorker } from './image-worker.ts';
import { say } from './queue-messages.ts';

/** What `startMetricsServer` takes. */
export interface MetricsServerOptions {
  readonly worker: ImageWorker;
  /** The worker's client. */
  readonly client: ImageClient;
  /** 0 = any free one. */
  readonly port: number;
  /** Default `127.0.0.1`, for a collector on the same machine. */
  readonly host?: string;
}

/** A running metrics server. */
export interface MetricsServer {
  /** The address of the metrics. */
  readonly url: string;
  close(): Promise<void>;
}

interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly values: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

/**
 * Serves a worker's figures at `/metrics` in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), and its health at `/health`.
 * @throws {ImageError} kind `invalid-request` when the port cannot be used.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { worker, client, port, host = '127.0.0.1' } = options;
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/health') {
      const { isHealthy } = worker;
      response.writeHead(isHealthy ? 200 : 503, { 'content-type': 'text/plain' });
      response.end(isHealthy ? 'ok\n' : 'the worker is stopping, or waits for its server\n');
      return;
    }
    if (path !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('see /metrics\n');
      return;
    }
    collect(worker, client).then(
      (metrics) => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
        response.end(metrics.map(render).join(''));
      },
      () => response.writeHead(503, { 'content-type': 'text/plain' }).end('the queue cannot be asked\n'),
    );
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = String((error as NodeJS.ErrnoException).code);
    throw invalidRequest(say('metrics-address', { address: `${host}:${port}`, reason }), { cause: error });
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function collect(worker: ImageWorker, client: ImageClient): Promise<readonly Metric[]> {
  const { active, completed, failed, requeued, takenOver } = worker.stats();
  const { backend, model, lanes, submissions, accepted, polls, unknown } = client.stats();
  const labels = { backend, model };
  const counts = Object.entries(await worker.counts());
  const lane = lanes.find((stats) => stats.lane === worker.lane);
  const gauge = (name: string, help: string, value: number): Metric => single(name, 'gauge', help, labels, value);
  const counter = (name: string, help: string, value: number): Metric => single(name, 'counter', help, labels, value);
  return [
    {
      name: 'holodeck_queue_jobs',
      type: 'gauge',
      help: 'Jobs of the queue, by state.',
      values: counts.map(([state, value]) => [{ ...labels, state }, value] as const),
    },
    gauge('holodeck_worker_jobs_active', 'Jobs this worker works on.', active),
    {
      name: 'holodeck_worker_jobs_total',
      type: 'counter',
      help: 'Jobs this worker brought to an end or put back.',
      values: Object.entries({ completed, failed, requeued }).map(
        ([end, value]) => [{ ...labels, end }, value] as const,
      ),
    },
    counter('holodeck_worker_taken_over_total', 'Jobs found that a dead worker had left.', takenOver),
    counter('holodeck_submissions_total', 'Submissions sent to the provider.', submissions),
    counter('holodeck_accepted_total', 'Submissions the provider took: what is paid.', accepted),
    counter('holodeck_unknown_total', 'Submissions of which nobody knows whether they arrived.', unknown),
    counter('holodeck_polls_total', 'Status queries.', polls),
    counter('holodeck_refusals_total', 'Refusals for limits or overload.', lane?.refusals ?? 0),
    gauge('holodeck_lane_in_flight', 'Jobs of this worker at the provider.', lane?.inFlight ?? 0),
    gauge('holodeck_lane_limit', 'Jobs this worker may have at the provider.', lane?.limit ?? 0),
    gauge('holodeck_lane_slot_tail_seconds', 'How long slots stay taken after a job.', (lane?.slotTailMs ?? 0) / 1000),
  ];
}

function single(
  name: string,
  type: Metric['type'],
  help: string,
  labels: Readonly<Record<string, string>>,
  value: number,
): Metric {
  return { name, type, help, values: [[labels, value]] };
}

function render({ name, type, help, values }: Metric): string {
  const lines = values.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
    return `${name}{${pairs.join(',')}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
