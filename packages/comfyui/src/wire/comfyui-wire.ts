import { isRecord } from '@holodeck/core/backend';

/**
 * What goes over the wire, as the server spells it (ComfyUI 0.3.45 to 0.33, API format of graphs). Answers are read
 * leniently: every field that is not needed may be absent.
 */

/** A literal, or a link `[nodeId, outputSlot]` to another node. */
export type GraphInput = unknown;

/** One node of a graph in API format. */
export interface GraphNode {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, GraphInput>>;
  readonly _meta?: { readonly title?: string };
}

/** A graph in ComfyUI's API format: nodes by id. */
export type Graph = Readonly<Record<string, GraphNode>>;

/** Body of POST /prompt. */
export interface PromptBody {
  readonly prompt: Graph;
  readonly prompt_id: string;
  readonly client_id: string;
  readonly front?: boolean;
  readonly extra_data?: Readonly<Record<string, unknown>>;
}

/** One error of one node, as POST /prompt reports it. */
export interface NodeError {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Readonly<Record<string, unknown>>;
}

/** `node_errors` of POST /prompt, by node id. */
export type NodeErrors = Readonly<
  Record<
    string,
    {
      readonly errors: readonly NodeError[];
      readonly dependent_outputs: readonly string[];
      readonly class_type: string;
    }
  >
>;

/** A file as outputs name it. */
export interface OutputFile {
  readonly filename: string;
  readonly subfolder: string;
  /** `output`, `temp` or `input`. */
  readonly type: string;
}

/** The record of a job that is over, from /history or from /api/jobs. */
export interface FinishedJob {
  readonly statusText: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Pairs of event name and data, as in `status.messages`. */
  readonly messages: readonly (readonly [string, Readonly<Record<string, unknown>>])[];
  readonly graph?: Graph;
}

/** A text or number of an answer as text; anything else gives the fallback. */
export function textOf(value: unknown, fallback: string = ''): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : fallback;
}

/** Whether an input is a link to another node's output. */
export function isLink(value: unknown): value is readonly [string | number, number] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    (typeof value[0] === 'string' || typeof value[0] === 'number') &&
    typeof value[1] === 'number'
  );
}

function readMessages(value: unknown): FinishedJob['messages'] {
  if (!Array.isArray(value)) {
    return [];
  }
  return value
    .filter((entry): entry is [string, unknown] => Array.isArray(entry) && typeof entry[0] === 'string')
    .map(([name, data]): [string, Readonly<Record<string, unknown>>] => [name, isRecord(data) ? data : {}]);
}

function readStatus(status: unknown, outputs: unknown, graph: unknown): FinishedJob {
  const record = isRecord(status) ? status : {};
  return {
    statusText: typeof record['status_str'] === 'string' ? record['status_str'] : '',
    messages: readMessages(record['messages']),
    outputs: isRecord(outputs) ? outputs : {},
    ...(isRecord(graph) ? { graph: graph as Graph } : {}),
  };
}

/** Reads the answer of GET /history/{id}; undefined = unknown, or not finished yet. */
export function readHistory(answer: unknown, promptId: string): FinishedJob | undefined {
  const entry = isRecord(answer) ? answer[promptId] : undefined;
  if (!isRecord(entry)) {
    return undefined;
  }
  const tuple = entry['prompt'];
  return readStatus(entry['status'], entry['outputs'], Array.isArray(tuple) ? tuple[2] : undefined);
}

/** What GET /api/jobs/{id} tells. */
export type JobAnswer =
  | { readonly state: 'pending' | 'running' }
  | { readonly state: 'finished'; readonly job: FinishedJob };

/** Reads the answer of GET /api/jobs/{id}; undefined = not an answer of that API. */
export function readJobAnswer(answer: unknown): JobAnswer | undefined {
  if (!isRecord(answer)) {
    return undefined;
  }
  switch (answer['status']) {
    case 'pending':
      return { state: 'pending' };
    case 'in_progress':
      return { state: 'running' };
    case 'completed':
    case 'failed':
    case 'cancelled': {
      const workflow = answer['workflow'];
      const job = readStatus(
        answer['execution_status'],
        answer['outputs'],
        isRecord(workflow) ? workflow['prompt'] : undefined,
      );
      return { state: 'finished', job: completeJobStatus(job, answer['status'], answer['execution_error']) };
    }
    default:
      return undefined;
  }
}

/** Where the answer holds no messages, the status word and `execution_error` stand in for them. */
function completeJobStatus(
  job: FinishedJob,
  status: 'completed' | 'failed' | 'cancelled',
  error: unknown,
): FinishedJob {
  const names = new Set(job.messages.map(([name]) => name));
  const messages = [...job.messages];
  if (status === 'cancelled' && !names.has('execution_interrupted')) {
    messages.push(['execution_interrupted', {}]);
  }
  if (status === 'failed' && !names.has('execution_error') && !names.has('execution_interrupted')) {
    messages.push(['execution_error', isRecord(error) ? error : {}]);
  }
  return { ...job, statusText: status === 'completed' ? 'success' : 'error', messages };
}

/** Ids in GET /queue, in the order in which they will run: the running ones, then the pending ones by number. */
export interface QueueSnapshot {
  readonly running: readonly string[];
  readonly pending: readonly string[];
}

/**
 * Reads GET /queue. `queue_pending` comes in heap order, so it is sorted by number here; undefined = not an answer of
 * that route.
 */
export function readQueue(answer: unknown): QueueSnapshot | undefined {
  if (!isRecord(answer) || !Array.isArray(answer['queue_running']) || !Array.isArray(answer['queue_pending'])) {
    return undefined;
  }
  const tuples = (list: readonly unknown[]): (readonly [number, string])[] =>
    list
      .filter((entry): entry is unknown[] => Array.isArray(entry) && typeof entry[1] === 'string')
      .map((entry): readonly [number, string] => [Number(entry[0]), String(entry[1])])
      .sort((a, b) => a[0] - b[0]);
  return {
    running: tuples(answer['queue_running']).map(([, id]) => id),
    pending: tuples(answer['queue_pending']).map(([, id]) => id),
  };
}

const imageName = /\.(?:png|jpe?g|webp|gif|bmp|tiff?)$/i;

/**
 * Every image file that a node's output names: whatever list holds it (`images`, `gifs`, ...), in the list's order.
 * `animated` flags, texts and files that are not images are left out.
 */
export function readOutputFiles(output: unknown): OutputFile[] {
  return allOutputFiles(output).filter(({ filename }) => imageName.test(filename));
}

/** The saved files of a node's output that are not images, such as the `3d` of a node that saves a model. */
export function readOtherFiles(output: unknown): OutputFile[] {
  return allOutputFiles(output).filter(({ filename, type }) => type === 'output' && !imageName.test(filename));
}

function allOutputFiles(output: unknown): OutputFile[] {
  const items = isRecord(output)
    ? Object.values(output).flatMap((list): unknown[] => (Array.isArray(list) ? list : []))
    : [];
  return items.filter(isRecord).flatMap(({ filename, subfolder, type }) =>
    typeof filename === 'string'
      ? [
          {
            filename,
            subfolder: typeof subfolder === 'string' ? subfolder : '',
            type: typeof type === 'string' ? type : 'output',
          },
        ]
      : [],
  );
}
