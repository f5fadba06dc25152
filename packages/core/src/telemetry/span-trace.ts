import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import type { TaskTrace, TracedStep, TracedTask } from '../client/client-telemetry.ts';
import type { GenerationResult } from '../tasks/generation-result.ts';
import { ImageError } from '../contract/index.ts';
import { attributes, operationName } from './attributes.ts';
import type { ImageMeters } from './image-meters.ts';

export interface SpanTraceOptions {
  readonly tracer: Tracer;
  readonly meters: ImageMeters;
  readonly recordContent: boolean;
}

/** A task as a span of the caller's trace, with a child for each submission and collection. */
export class SpanTrace implements TaskTrace {
  readonly #options: SpanTraceOptions;
  readonly #task: TracedTask;
  readonly #common: Attributes;
  readonly #span: Span;
  readonly #context: Context;
  readonly #startedAtMs = performance.now();

  constructor(task: TracedTask, options: SpanTraceOptions) {
    this.#options = options;
    this.#task = task;
    this.#common = {
      [attributes.operation]: operationName,
      [attributes.provider]: task.backend,
      [attributes.model]: task.model,
      [attributes.outputType]: 'image',
    };
    const parent = context.active();
    this.#span = options.tracer.startSpan(
      `${operationName} ${task.model}`,
      { kind: SpanKind.CLIENT, attributes: { ...this.#common, ...requestAttributes(task, options.recordContent) } },
      parent,
    );
    this.#context = trace.setSpan(parent, this.#span);
  }

  async step<T>(name: TracedStep, attempt: number, work: () => Promise<T>): Promise<T> {
    const { tracer, meters } = this.#options;
    const span = tracer.startSpan(
      `${name} ${this.#task.model}`,
      { attributes: { ...this.#common, [attributes.attempt]: attempt } },
      this.#context,
    );
    let end: Attributes = { [attributes.outcome]: name === 'submit' ? 'accepted' : 'delivered' };
    try {
      // Spans inside, such as those of an HTTP client, become its children.
      return await context.with(trace.setSpan(this.#context, span), work);
    } catch (error) {
      end = ImageError.isInstance(error)
        ? { [attributes.outcome]: error.outcome, [attributes.errorType]: error.kind }
        : { [attributes.errorType]: '_OTHER' };
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.setAttributes(end);
      span.end();
      if (name === 'submit') meters.submissions.add(1, { ...this.#common, ...end });
    }
  }

  end(result: GenerationResult, paidNow: number): void {
    const { meters, recordContent } = this.#options;
    const { usage, cost, timings } = result;
    const error = result.success ? {} : { [attributes.errorType]: result.error.kind };
    const outcome = { [attributes.outcome]: result.success ? 'done' : result.error.outcome };
    const source = result.success ? { [attributes.source]: result.source } : {};
    const queueSeconds = timings.queuedMs / 1000;
    this.#span.setAttributes({
      ...error,
      ...outcome,
      ...source,
      [attributes.queueDuration]: queueSeconds,
      [attributes.attempts]: result.attempts,
      [attributes.paidAttempts]: result.paidAttempts,
      ...defined({
        [attributes.responseId]: result.jobId,
        [attributes.inputTokens]: usage?.inputTokens,
        [attributes.outputTokens]: usage?.outputTokens,
        [attributes.costAmount]: cost?.amount,
        [attributes.currency]: cost?.currency,
      }),
    });
    if (recordContent && result.success) {
      const paths = result.images.flatMap(({ path }) => (path === undefined ? [] : [path]));
      this.#span.setAttribute(attributes.paths, paths);
    }
    if (!result.success) {
      // The message may quote the request.
      const message = recordContent ? { message: result.error.message } : {};
      this.#span.setStatus({ code: SpanStatusCode.ERROR, ...message });
    }
    this.#span.end();
    context.with(this.#context, () => {
      const common = { ...this.#common, ...error };
      meters.operationDuration.record((performance.now() - this.#startedAtMs) / 1000, common);
      meters.queueDuration.record(queueSeconds, common);
      meters.tasks.add(1, { ...common, ...outcome, ...source });
      if (paidNow === 0) return;
      if (usage?.inputTokens !== undefined)
        meters.tokenUsage.record(usage.inputTokens, { ...common, [attributes.tokenType]: 'input' });
      if (usage?.outputTokens !== undefined)
        meters.tokenUsage.record(usage.outputTokens, { ...common, [attributes.tokenType]: 'output' });
      if (cost?.amount !== undefined && cost.currency !== undefined && cost.paidSubmissions > 0) {
        const share = paidNow / Math.max(paidNow, cost.paidSubmissions);
        meters.cost.add(cost.amount * share, { ...this.#common, [attributes.currency]: cost.currency });
      }
    });
  }
}

function requestAttributes({ request, taskId, scope, resuming }: TracedTask, recordContent: boolean): Attributes {
  const { size, seed, count, prompt } = request ?? {};
  return defined({
    [attributes.resuming]: resuming ? true : undefined,
    [attributes.width]: size?.width,
    [attributes.height]: size?.height,
    [attributes.seed]: seed,
    // The conventions want it only if it is not 1.
    [attributes.choiceCount]: count === 1 ? undefined : count,
    ...(recordContent
      ? {
          [attributes.taskId]: taskId,
          [attributes.scope]: scope,
          [attributes.inputMessages]:
            prompt === undefined
              ? undefined
              : JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: prompt }] }]),
        }
      : {}),
  });
}

function defined(values: Readonly<Record<string, string | number | boolean | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
