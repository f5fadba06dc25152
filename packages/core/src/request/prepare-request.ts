import { ImageError } from '../contract/index.ts';
import type {
  BackendCapabilities,
  ImageBackend,
  ImageRequest,
  ImageRequestInput,
  ImageWarning,
  PreparedReference,
} from '../contract/index.ts';
import { canonicalJson, sha256Hex } from './canonical-json.ts';
import { prepareReference } from './prepare-reference.ts';
import { parseSize, sizeProblems } from './size.ts';

/** A request that may be sent, with its identity. */
export interface PreparedRequest {
  readonly request: ImageRequest;
  readonly warnings: readonly ImageWarning[];
  /** Plain JSON: references as path and sha256. */
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
  'priority',
  'scope',
  'metadata',
]);

/**
 * Checks a request against everything that can be known before it is sent, and brings it into the form that backends
 * receive. What the backend does not declare is refused, or dropped with a warning where `onUnsupported` is `"warn"`.
 * @throws {ImageError} kind `invalid-request` or `unsupported`, outcome `not-submitted`.
 */
export async function prepareRequest(
  input: ImageRequestInput,
  backend: ImageBackend,
  onUnsupported: 'error' | 'warn' = 'error',
): Promise<PreparedRequest> {
  const check = new RequestCheck(backend, onUnsupported);
  const { capabilities } = backend;
  if (typeof input !== 'object' || input === null) throw check.invalid('A task must be an object with a "prompt".');
  for (const name of Object.keys(input)) {
    if (!fields.has(name))
      throw check.invalid(`Unknown field ${JSON.stringify(name)}. Known: ${[...fields].join(', ')}.`);
  }
  const prompt = check.text(input.prompt, 'prompt', capabilities.maxPromptLength);
  if (prompt === undefined) throw check.invalid('The prompt is missing.');
  const negativePrompt = check.negativePrompt(input.negativePrompt);
  const style = check.style(input.style);
  const size = parseSize(input.size);
  const problems = sizeProblems(size, capabilities.size);
  if (problems.length > 0) throw check.invalid(`${problems.join(' ')} (${backend.name}, model ${backend.model})`);
  const seed = check.seed(input.seed);
  const count = check.count(input.count);
  const background = check.background(input.background);
  const format = check.format(input.format, background);
  const references = await check.references(input.references);
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
  if (further.length > 0) throw check.invalid(further.join(' '));
  const canonical = { ...request, references: references.map(({ role, sha256, path }) => ({ role, sha256, path })) };
  // Where a reference lies does not change the picture: only its bytes count.
  const identity = { ...request, references: references.map(({ role, sha256 }) => ({ role, sha256 })) };
  return {
    request,
    warnings: check.warnings,
    canonical: JSON.parse(JSON.stringify(canonical)) as Record<string, unknown>,
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

  invalid(message: string): ImageError {
    return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', backend: this.#backend.name, message });
  }

  /** Refuses, or drops with a warning: nothing is dropped in silence. */
  #unsupported(feature: string, message: string): undefined {
    const text = `${message} (${this.#backend.name}, model ${this.#backend.model})`;
    if (this.#onUnsupported === 'error') {
      throw new ImageError({
        kind: 'unsupported',
        outcome: 'not-submitted',
        backend: this.#backend.name,
        message: `${text} Leave it out, choose another backend, or set onUnsupported: "warn".`,
      });
    }
    this.warnings.push({ code: 'unsupported-option', feature, message: `${text} It was left out.` });
    return undefined;
  }

  /** Characters are Unicode code points. */
  text(value: unknown, name: string, maxLength: number): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw this.invalid(`The ${name} must be a text, not ${typeof value}.`);
    if (value.trim() === '') throw this.invalid(`The ${name} is empty.`);
    if (!value.isWellFormed()) {
      throw this.invalid(
        `The ${name} has half of a character pair (a lone surrogate). It was cut or decoded wrongly: write it again.`,
      );
    }
    // NUL would cut or void the text on some services.
    if (value.includes('\0')) throw this.invalid(`The ${name} has a NUL character.`);
    const length = codePoints(value);
    if (length > maxLength) {
      throw this.invalid(
        `The ${name} has ${length} characters; ${this.#backend.name} takes at most ${maxLength}. Shorten it.`,
      );
    }
    return value;
  }

  negativePrompt(value: string | undefined): string | undefined {
    if (value === undefined) return undefined;
    const max = this.#capabilities.maxNegativePromptLength;
    if (max === undefined) return this.#unsupported('negativePrompt', 'There is no negative prompt here.');
    return this.text(value, 'negative prompt', max);
  }

  style(value: string | undefined): string | undefined {
    const style = this.text(value, 'style', 1024);
    if (style === undefined || this.#capabilities.style) return style;
    return this.#unsupported('style', 'There is no style parameter here; put the style into the prompt.');
  }

  seed(value: number | undefined): number | undefined {
    if (value === undefined) return undefined;
    if (!Number.isSafeInteger(value)) throw this.invalid(`The seed ${String(value)} is not a whole number.`);
    const range = this.#capabilities.seed;
    if (range === undefined) return this.#unsupported('seed', 'There is no seed here.');
    if (value < range.min || value > range.max) {
      throw this.invalid(`The seed ${value} is outside ${range.min} to ${range.max} (${this.#backend.name}).`);
    }
    return value;
  }

  count(value: number | undefined): number {
    if (value === undefined) return 1;
    if (!Number.isSafeInteger(value) || value < 1)
      throw this.invalid(`The count ${String(value)} must be a whole number from 1.`);
    const max = this.#capabilities.maxCount;
    if (value > max) {
      throw new ImageError({
        kind: 'unsupported',
        outcome: 'not-submitted',
        backend: this.#backend.name,
        message: `${value} images of one submission were asked for; ${this.#backend.name} makes at most ${max}. Make several tasks instead.`,
      });
    }
    return value;
  }

  background(value: 'transparent' | 'opaque' | undefined): 'transparent' | 'opaque' | undefined {
    if (value === undefined) return undefined;
    if (value !== 'transparent' && value !== 'opaque') {
      throw this.invalid(`The background ${JSON.stringify(value)} is unknown; use "transparent" or "opaque".`);
    }
    if (value === 'transparent' && !this.#capabilities.transparentBackground) {
      return this.#unsupported('background', 'There is no transparent background here.');
    }
    // Where transparency does not exist, opaque is what comes anyway.
    if (value === 'opaque' && this.#capabilities.opaqueBackground !== true) return undefined;
    return value;
  }

  format(
    value: 'png' | 'jpeg' | 'webp' | undefined,
    background: string | undefined,
  ): 'png' | 'jpeg' | 'webp' | undefined {
    if (value === undefined) return undefined;
    if (!['png', 'jpeg', 'webp'].includes(value)) {
      throw this.invalid(`The format ${JSON.stringify(value)} is unknown; use "png", "jpeg" or "webp".`);
    }
    if (value === 'jpeg' && background === 'transparent')
      throw this.invalid('A JPEG has no transparent background; use "png" or "webp".');
    if (this.#capabilities.formats.includes(value)) return value;
    const known = this.#capabilities.formats;
    return this.#unsupported(
      'format',
      known.length === 0 ? 'The format cannot be chosen here.' : `The formats here are ${known.join(', ')}.`,
    );
  }

  async references(value: ImageRequestInput['references']): Promise<readonly PreparedReference[]> {
    if (value === undefined || value.length === 0) return [];
    if (!Array.isArray(value)) throw this.invalid('"references" must be a list.');
    const rule = this.#capabilities.references;
    if (rule === undefined) {
      this.#unsupported('references', 'Reference pictures are not taken here.');
      return [];
    }
    if (value.length > rule.maxCount) {
      throw this.invalid(
        `${value.length} reference pictures were given; ${this.#backend.name} takes at most ${rule.maxCount}.`,
      );
    }
    const prepared: PreparedReference[] = [];
    for (const [index, input] of value.entries()) {
      if (!rule.roles.includes(input.role ?? 'style')) {
        this.#unsupported(
          'references',
          `Reference ${index + 1} has the role "${input.role ?? 'style'}"; here it can be ${rule.roles.join(' or ')}.`,
        );
        continue;
      }
      const reference = await prepareReference(input, index);
      this.#referenceLimits(reference, index);
      prepared.push(reference);
    }
    return prepared;
  }

  #referenceLimits(reference: PreparedReference, index: number): void {
    const rule = this.#capabilities.references;
    const name = `Reference ${index + 1}${reference.path === undefined ? '' : ` (${reference.path})`}`;
    if (rule === undefined) return;
    if (!rule.mediaTypes.includes(reference.mediaType)) {
      throw this.invalid(
        `${name} is ${reference.mediaType}; ${this.#backend.name} takes ${rule.mediaTypes.join(', ')}.`,
      );
    }
    if (rule.maxBytes !== undefined && reference.byteLength > rule.maxBytes) {
      throw this.invalid(
        `${name} has ${reference.byteLength} bytes; at most ${rule.maxBytes} are allowed. Make it smaller.`,
      );
    }
    const shortest = Math.min(reference.width, reference.height);
    const longest = Math.max(reference.width, reference.height);
    if (
      (rule.minSide !== undefined && shortest < rule.minSide) ||
      (rule.maxSide !== undefined && longest > rule.maxSide)
    ) {
      throw this.invalid(
        `${name} is ${reference.width}x${reference.height}; sides must be ${rule.minSide ?? 1} to ${rule.maxSide ?? 'any'} px.`,
      );
    }
  }

  providerOptions(value: ImageRequestInput['providerOptions']): Readonly<Record<string, unknown>> {
    if (value === undefined) return {};
    if (typeof value !== 'object' || value === null)
      throw this.invalid('"providerOptions" must be an object by backend name.');
    const own: unknown = value[this.#backend.name];
    if (own === undefined) return {};
    if (typeof own !== 'object' || own === null || Array.isArray(own)) {
      throw this.invalid(`"providerOptions.${this.#backend.name}" must be an object.`);
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
