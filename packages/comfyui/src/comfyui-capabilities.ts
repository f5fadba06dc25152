import type { Message } from '@holodeck/core/messages';
import { say } from './comfyui-messages.ts';
import { isRecord } from '@holodeck/core/backend';
import { locateInput } from './workflow/input-path.ts';
import type { ReferenceRole } from '@holodeck/core';
import type { BackendCapabilities, ImageRequest, ReferenceRule, SizeRule } from '@holodeck/core/backend';
import type { WorkflowPlan } from './workflow/workflow-plan.ts';

/** ComfyUI has no limit of its own; this bounds what a mistake can send. In Unicode code points. */
const maxPromptLength = 100_000;
/** `RepeatLatentBatch.amount` ends here; the latent nodes would take 4096. */
const maxCount = 64;
/** ComfyUI takes seeds up to 2^64 - 1; JSON numbers are exact up to here. */
const maxSeed = Number.MAX_SAFE_INTEGER;
/** A request may be as large as the server's --max-upload-size, 100 MiB unless it is changed; the form takes a little. */
const maxUploadBytes = 99 * 1024 * 1024;

/** Latents are eighths of a picture; the nodes of ComfyUI take 16 to 16384. */
const latentSize: SizeRule = { minSide: 16, maxSide: 16_384, multipleOf: 8 };
const anySize: SizeRule = { maxSide: 16_384 };

/** What this backend declares, of all that it can or of one look: it follows from what the graphs have bound. */
export function capabilitiesOf(
  plan: WorkflowPlan,
  { bindable, transparent }: Pick<WorkflowPlan, 'bindable' | 'transparent'> = plan,
): BackendCapabilities {
  const roles = bindable.references.map(({ role }) => role);
  // The built-in graphs take pictures of one role in a job.
  const most = plan.builtin
    ? Math.max(...roles.map((role) => roles.filter((one) => one === role).length))
    : roles.length;
  const references = referenceRule(roles, most);
  return {
    size: plan.builtin || feedsLatent(plan) ? latentSize : anySize,
    maxPromptLength,
    ...(bindable.negativePrompt.length === 0 ? {} : { maxNegativePromptLength: maxPromptLength }),
    maxCount: bindable.batchSize.length === 0 ? 1 : maxCount,
    ...(bindable.seed.length === 0 ? {} : { seed: { min: 0, max: maxSeed } }),
    style: false,
    ...(references === undefined ? {} : { references }),
    transparentBackground: transparent,
    ...(transparent ? { transparentBackgroundIsCutOut: true } : {}),
    formats: [],
    progress: 'push',
    locatable: true,
    cancellable: true,
    billable: false,
    limitSignal: 'none',
    validate: (request) => validateRequest(plan, request),
  };
}

function referenceRule(roles: readonly ReferenceRole[], maxCount: number): ReferenceRule | undefined {
  return roles.length === 0
    ? undefined
    : {
        roles: [...new Set(roles)],
        maxCount,
        mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/bmp', 'image/tiff'],
        maxBytes: maxUploadBytes,
      };
}

function feedsLatent(plan: WorkflowPlan): boolean {
  const graph = plan.template?.graph ?? {};
  return plan.bindable.width.some(({ node }) => /latent/i.test(graph[node]?.class_type ?? ''));
}

/** Options of one job, under `providerOptions.comfyui`. */
export interface ComfyUIJobOptions {
  /** Values of any inputs, by path: `{ "3.steps": 30, "Sampler.cfg": 4.5 }`. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Puts the job at the head of the server's queue. Default false. */
  readonly front?: boolean;
  /** Fingerprint of the look that the built-in graphs draw in, from `resolve`. Default: what the first server has decided. */
  readonly look?: string;
}

/** Reads what `validateRequest` has let pass. */
export function readJobOptions(request: ImageRequest): ComfyUIJobOptions {
  return request.providerOptions as ComfyUIJobOptions;
}

function validateRequest(plan: WorkflowPlan, request: ImageRequest): Message[] {
  const problems: Message[] = [];
  const { inputs, front, look, ...unknown } = request.providerOptions;
  for (const name of Object.keys(unknown)) {
    problems.push(say('job-option', { name }));
  }
  if (front !== undefined && typeof front !== 'boolean') {
    problems.push(say('job-front'));
  }
  if (look !== undefined && (typeof look !== 'string' || plan.resolved?.(look) === undefined)) {
    problems.push(say('job-look'));
  }
  if (inputs !== undefined && !isRecord(inputs)) {
    problems.push(say('job-inputs'));
  }
  for (const [path, value] of Object.entries(isRecord(inputs) ? inputs : {})) {
    const found =
      plan.template === undefined
        ? path.includes('.')
          ? undefined
          : locateInput({}, path)
        : locateInput(plan.template.graph, path);
    if (found !== undefined && 'message' in found) {
      problems.push(say('job-input', { problem: found }));
    }
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
      problems.push(say('job-input-json', { path: JSON.stringify(path) }));
    }
  }
  if (plan.builtin && new Set(request.references.map(({ role }) => role)).size > 1) {
    problems.push(say('references-mixed'));
  }
  for (const role of new Set(request.references.map((reference) => reference.role))) {
    const count = request.references.filter((reference) => reference.role === role).length;
    const max = plan.bindable.references.filter((reference) => reference.role === role).length;
    if (count > max) {
      problems.push(say('references-bound', { count, role, max }));
    }
  }
  return problems;
}
