/**
 * Names of attributes. `gen_ai.*` and `error.type` follow OpenTelemetry's conventions for generative AI
 * (https://github.com/open-telemetry/semantic-conventions-genai, still changing, so they are copied); the rest is under
 * `holodeck.*`.
 */
export const attributes = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  model: 'gen_ai.request.model',
  outputType: 'gen_ai.output.type',
  choiceCount: 'gen_ai.request.choice.count',
  seed: 'gen_ai.request.seed',
  responseId: 'gen_ai.response.id',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  tokenType: 'gen_ai.token.type',
  /** Only with `recordContent`. */
  inputMessages: 'gen_ai.input.messages',
  errorType: 'error.type',
  /** Requested size in pixels. */
  width: 'holodeck.request.image.width',
  height: 'holodeck.request.image.height',
  /** Seconds in which the task waited for its turn. */
  queueDuration: 'holodeck.queue.duration',
  /** Submissions of this run, tried ones included. */
  attempts: 'holodeck.attempts',
  /** Accepted submissions of the task, over all runs. */
  paidAttempts: 'holodeck.paid_attempts',
  attempt: 'holodeck.attempt',
  /** `done` or the outcome of the error. Of a step: `accepted`, `delivered` or that outcome. */
  outcome: 'holodeck.outcome',
  /** Set if the run only finishes what an earlier process paid for (`resume()`). */
  resuming: 'holodeck.resuming',
  /** `generated`, `resumed` or `cache`. */
  source: 'holodeck.source',
  costAmount: 'holodeck.cost.amount',
  /** ISO 4217. */
  currency: 'holodeck.cost.currency',
  /** A lane's label: a region or a host. */
  lane: 'holodeck.lane',
  /** These three only with `recordContent`: names often contain the words of a prompt. */
  taskId: 'holodeck.task.id',
  scope: 'holodeck.task.scope',
  paths: 'holodeck.output.paths',
} as const;

/** Names of the instruments. */
export const instruments = {
  operationDuration: 'gen_ai.client.operation.duration',
  tokenUsage: 'gen_ai.client.token.usage',
  queueDuration: 'holodeck.queue.duration',
  submissions: 'holodeck.submissions',
  tasks: 'holodeck.tasks',
  cost: 'holodeck.cost',
  laneWaiting: 'holodeck.lane.waiting',
  laneInFlight: 'holodeck.lane.in_flight',
  laneLimit: 'holodeck.lane.limit',
} as const;

/** The operation's name; the conventions have none for images alone. */
export const operationName = 'generate_content';
