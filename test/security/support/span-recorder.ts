import type { OpenTelemetryOptions } from '@holodeck/core/telemetry';

type TracerProvider = NonNullable<OpenTelemetryOptions['tracerProvider']>;
type Tracer = ReturnType<TracerProvider['getTracer']>;
type Span = ReturnType<Tracer['startSpan']>;

/** A tracer that records everything as text. */
export class SpanRecorder implements TracerProvider {
  readonly told: unknown[] = [];

  getTracer(): Tracer {
    const startSpan: Tracer['startSpan'] = (...started) => {
      this.told.push(started.slice(0, 2));
      return this.#span();
    };
    const startActiveSpan = (...args: unknown[]): unknown => {
      this.told.push(args.filter((argument) => typeof argument !== 'function'));
      const work = args.at(-1) as (span: Span) => unknown;
      return work(this.#span());
    };
    return { startSpan, startActiveSpan: startActiveSpan as Tracer['startActiveSpan'] };
  }

  #span(): Span {
    const tell = (...args: unknown[]): Span => {
      this.told.push(args);
      return span;
    };
    const span: Span = {
      spanContext: () => ({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }),
      setAttribute: tell,
      setAttributes: tell,
      addEvent: tell,
      addLink: tell,
      addLinks: tell,
      setStatus: tell,
      updateName: tell,
      end: () => undefined,
      isRecording: () => true,
      recordException: (exception) => void this.told.push(exception),
    };
    return span;
  }
}
