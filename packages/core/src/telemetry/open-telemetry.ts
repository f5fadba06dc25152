import { metrics, trace } from '@opentelemetry/api';
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { ClientTelemetry } from '../client/client-telemetry.ts';
import { ImageMeters } from './image-meters.ts';
import { SpanTrace } from './span-trace.ts';

/** What `openTelemetry` takes. */
export interface OpenTelemetryOptions {
  /** Default: the global one, which the application's SDK registers. */
  readonly tracerProvider?: TracerProvider;
  /** Default: the global one. */
  readonly meterProvider?: MeterProvider;
  /**
   * Whether spans contain prompts, task ids, scopes, paths and error messages; metrics never do. Default false: they are the
   * user's data, and traces travel far.
   */
  readonly recordContent?: boolean;
}

/** The instrumentation scope of spans and metrics. */
const scopeName = '@holodeck/core';

/**
 * Spans and metrics of a client through `@opentelemetry/api`, by OpenTelemetry's conventions for generative AI. Does nothing
 * unless the application has an SDK. Create one and pass it to every client:
 *
 * ```ts
 * import { openTelemetry } from '@holodeck/core/telemetry';
 * const client = createHunyuanClient({ outputDir: 'output', telemetry: openTelemetry() });
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): ClientTelemetry {
  const { recordContent = false } = options;
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(scopeName);
  const meters = new ImageMeters((options.meterProvider ?? metrics.getMeterProvider()).getMeter(scopeName));
  return {
    startTask: (task) => new SpanTrace(task, { tracer, meters, recordContent }),
    observe: (stats) => meters.observe(stats),
  };
}
