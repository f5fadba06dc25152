import { ImageError, invalidRequest } from '../contract/index.ts';
import type {
  BackendCapabilities,
  ImageBackend,
  ImageRequest,
  ImageRequestInput,
  ImageWarning,
  PreparedReference,
} from '../contract/index.ts';
import { joinSentences } from '../messages/define-messages.ts';
import type { Message } from '../messages/message.ts';
import { canonicalJson, sha256Hex } from './canonical-json.ts';
import { prepareReference, referenceName } from './prepare-reference.ts';
import { isBlank } from '../internal/is-blank.ts';
import { showValue } from '../internal/show-value.ts';
import { say } from './request-messages.ts';
import { parseSize, sizeProblems } from './size.ts';

/** A checked request with its identity. */
export interface PreparedRequest {
  readonly request: ImageRequest;
  readonly warnings: readonly ImageWarning[];
  /** Plain JSON: references by path and sha256. */
  readonly canonical: Readonly<Record<string, unknown>>;
  /** Lowercase hex SHA-256 of the canonical request. */
  readonly hash: string;
}

const fields = new Set<string>([
  'prompt',
  'negativePrompt',
  'size',
  'seed',
  'style',
  'references',
  'background',
  'format',
  'count',
  'providerOptions',
  'taskId',
  'outputPath',
  'overwrite',
  'priority',
  'scope',
  'metadata',
]);

/**
 * Checks a request completely before it is sent, and makes the form that backends receive. What the backend does not support is
 * refused, or dropped with a warning if `onUnsupported` is `"warn"`.
 * @throws {ImageError} kind `invalid-request` or `unsupported`, outcome `not-submitted`.
 */
export async function prepareRequest(
  input: ImageRequestInput,
  backend: ImageBackend,
  onUnsupported: 'error' | 'warn' = 'error',
  signal?: AbortSignal,
): Promise<PreparedRequest> {
  const check = new RequestCheck(backend, onUnsupported);
  const { capabilities } = backend;
  if (typeof input !== 'object' || input === null) throw check.invalid(say('task-no-object'));
  for (const name of Object.keys(input)) {
    if (!fields.has(name))
      throw check.invalid(say('task-field', { field: JSON.stringify(name), known: [...fields].join(', ') }));
  }
  const prompt = check.text(input.prompt, 'prompt', capabilities.maxPromptLength);
  if (prompt === undefined) throw check.invalid(say('prompt-missing'));
  const negativePrompt = check.negativePrompt(input.negativePrompt);
  const style = check.style(input.style);
  const size = parseSize(input.size);
  const problems = sizeProblems(size, capabilities.size);
  if (problems.length > 0) throw check.invalid(say('of-model', check.ofModel(joinSentences(...problems))));
  const seed = check.seed(input.seed);
  const count = check.count(input.count);
  const background = check.background(input.background);
  const format = check.format(input.format, background);
  const references = await check.references(input.references, signal);
  const providerOptions = check.providerOptions(input.providerOptions);
  const request: ImageRequest = {
    prompt,
    size,
    count,
    references,
    providerOptions,
    ...(negativePrompt === undefined ? {} : { negativePrompt }),
    ...(seed === undefined ? {} : { seed }),
    ...(style === undefined ? {} : { style }),
    ...(background === undefined ? {} : { background }),
    ...(format === undefined ? {} : { format }),
  };
  const further = capabilities.validate?.(request) ?? [];
  if (further.length > 0) throw check.invalid(joinSentences(...further));
  // Later changes of the caller's options do not reach it.
  const options = JSON.parse(JSON.stringify(providerOptions)) as Record<string, unknown>;
  const named = references.map(({ role, sha256, path }) => ({ role, sha256, ...(path !== undefined && { path }) }));
  // The path of a reference does not change the picture: only its bytes count.
  const identity = { ...request, references: references.map(({ role, sha256 }) => ({ role, sha256 })) };
  return {
    request,
    warnings: check.warnings,
    canonical: { ...request, references: named, providerOptions: options },
    hash: sha256Hex(canonicalJson(identity)),
  };
}

class RequestCheck {
  readonly warnings: ImageWarning[] = [];
  readonly #backend: ImageBackend;
  readonly #onUnsupported: 'error' | 'warn';

  constructor(backend: ImageBackend, onUnsupported: 'error' | 'warn') {
    this.#backend = backend;
    this.#onUnsupported = onUnsupported;
  }

  get #capabilities(): BackendCapabilities {
    return this.#backend.capabilities;
  }

  invalid(said: Message): ImageError {
    return invalidRequest(said, { backend: this.#backend.name });
  }

  ofModel(problem: Message): { readonly problem: Message; readonly backend: string; readonly model: string } {
    return { problem, backend: this.#backend.name, model: this.#backend.model };
  }

  /** Refuses, or drops with a warning; never silently. */
  #unsupported(feature: string, problem: Message): undefined {
    if (this.#onUnsupported === 'error') {
      throw new ImageError({
        kind: 'unsupported',
        outcome: 'not-submitted',
        backend: this.#backend.name,
        ...say('unsupported', this.ofModel(problem)),
      });
    }
    this.warnings.push({ code: 'unsupported-option', feature, ...say('left-out', this.ofModel(problem)) });
    return undefined;
  }

  /** Characters are Unicode code points. */
  text(value: unknown, name: 'prompt' | 'negative-prompt' | 'style', max: number): string | undefined {
    if (value === undefined) return undefined;
    const text = say(name);
    if (typeof value !== 'string') throw this.invalid(say('text-type', { text, type: typeof value }));
    if (isBlank(value)) throw this.invalid(say('text-empty', { text }));
    if (!value.isWellFormed()) throw this.invalid(say('text-surrogate', { text }));
    // Some services would cut the text at a NUL.
    if (value.includes('\0')) throw this.invalid(say('text-nul', { text }));
    const length = codePoints(value);
    if (length > max) throw this.invalid(say('text-long', { text, length, backend: this.#backend.name, max }));
    return value;
  }

  negativePrompt(value: string | undefined): string | undefined {
    if (value === undefined) return undefined;
    const max = this.#capabilities.maxNegativePromptLength;
    if (max === undefined) return this.#unsupported('negativePrompt', say('no-negative-prompt'));
    return this.text(value, 'negative-prompt', max);
  }

  style(value: string | undefined): string | undefined {
    const style = this.text(value, 'style', 1024);
    if (style === undefined || this.#capabilities.style) return style;
    return this.#unsupported('style', say('no-style'));
  }

  seed(value: number | undefined): number | undefined {
    if (value === undefined) return undefined;
    if (!Number.isSafeInteger(value)) throw this.invalid(say('seed-whole', { seed: String(value) }));
    const range = this.#capabilities.seed;
    if (range === undefined) return this.#unsupported('seed', say('no-seed'));
    if (value < range.min || value > range.max) {
      throw this.invalid(
        say('seed-range', { seed: value, min: range.min, max: range.max, backend: this.#backend.name }),
      );
    }
    return value;
  }

  count(value: number | undefined): number {
    if (value === undefined) return 1;
    if (!Number.isSafeInteger(value) || value < 1) throw this.invalid(say('count-whole', { count: String(value) }));
    const max = this.#capabilities.maxCount;
    if (value > max) {
      throw new ImageError({
        kind: 'unsupported',
        outcome: 'not-submitted',
        backend: this.#backend.name,
        ...say('count-max', { count: value, backend: this.#backend.name, max }),
      });
    }
    return value;
  }

  background(value: 'transparent' | 'opaque' | undefined): 'transparent' | 'opaque' | undefined {
    if (value === undefined) return undefined;
    if (value !== 'transparent' && value !== 'opaque') {
      throw this.invalid(say('background', { value: showValue(value) }));
    }
    if (value === 'transparent' && !this.#capabilities.transparentBackground) {
      return this.#unsupported('background', say('no-transparency'));
    }
    // Without transparency, images are opaque anyway.
    if (value === 'opaque' && this.#capabilities.opaqueBackground !== true) return undefined;
    return value;
  }

  format(
    value: 'png' | 'jpeg' | 'webp' | undefined,
    background: string | undefined,
  ): 'png' | 'jpeg' | 'webp' | undefined {
    if (value === undefined) return undefined;
    if (!['png', 'jpeg', 'webp'].includes(value)) {
      throw this.invalid(say('format', { value: showValue(value) }));
    }
    if (value === 'jpeg' && background === 'transparent') throw this.invalid(say('jpeg-transparent'));
    if (this.#capabilities.formats.includes(value)) return value;
    const known = this.#capabilities.formats;
    return this.#unsupported(
      'format',
      known.length === 0 ? say('no-format') : say('formats', { formats: known.join(', ') }),
    );
  }

  async references(
    value: ImageRequestInput['references'],
    signal: AbortSignal | undefined,
  ): Promise<readonly PreparedReference[]> {
    if (value === undefined || value.length === 0) return [];
    if (!Array.isArray(value)) throw this.invalid(say('references-list'));
    const rule = this.#capabilities.references;
    if (rule === undefined) {
      this.#unsupported('references', say('references-none'));
      return [];
    }
    if (value.length > rule.maxCount) {
      throw this.invalid(
        say('references-max', { count: value.length, backend: this.#backend.name, max: rule.maxCount }),
      );
    }
    const prepared: PreparedReference[] = [];
    for (const [index, input] of value.entries()) {
      const { role = 'style' } = input;
      if (!rule.roles.includes(role)) {
        const roles = rule.roles.join(', ');
        this.#unsupported('references', say('reference-role-here', { reference: referenceName(index), role, roles }));
        continue;
      }
      const reference = await prepareReference(input, index, signal);
      this.#referenceLimits(reference, index);
      prepared.push(reference);
    }
    return prepared;
  }

  #referenceLimits(reference: PreparedReference, index: number): void {
    const rule = this.#capabilities.references;
    if (rule === undefined) return;
    const name = referenceName(index, reference.path);
    if (!rule.mediaTypes.includes(reference.mediaType)) {
      throw this.invalid(
        say('reference-type', {
          reference: name,
          type: reference.mediaType,
          backend: this.#backend.name,
          types: rule.mediaTypes.join(', '),
        }),
      );
    }
    if (rule.maxBytes !== undefined && reference.byteLength > rule.maxBytes) {
      throw this.invalid(say('reference-bytes', { reference: name, bytes: reference.byteLength, max: rule.maxBytes }));
    }
    const shortest = Math.min(reference.width, reference.height);
    const longest = Math.max(reference.width, reference.height);
    const { minSide: min = 1, maxSide: max = Number.POSITIVE_INFINITY } = rule;
    if (shortest >= min && longest <= max) return;
    const sizes = { reference: name, size: `${reference.width}x${reference.height}`, min };
    throw this.invalid(
      Number.isFinite(max) ? say('reference-sides', { ...sizes, max }) : say('reference-side-min', sizes),
    );
  }

  providerOptions(value: ImageRequestInput['providerOptions']): Readonly<Record<string, unknown>> {
    if (value === undefined) return {};
    if (typeof value !== 'object' || value === null) throw this.invalid(say('provider-options'));
    const own: unknown = value[this.#backend.name];
    if (own === undefined) return {};
    if (typeof own !== 'object' || own === null || Array.isArray(own)) {
      throw this.invalid(say('provider-options-of', { backend: this.#backend.name }));
    }
    return own as Record<string, unknown>;
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    count += 1;
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdbff) index += 1;
  }
  return count;
}
