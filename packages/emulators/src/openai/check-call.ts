/** The checks of the Images API for the GPT image models. */
import type { UploadedPicture } from './image-call.ts';
import { generationOf, sizeProblem } from './model-catalogue.ts';
import type { OpenAIRefusal } from './openai-refusal.ts';
import { invalidValue, refusal } from './openai-refusal.ts';
import type { OpenAISettings } from './openai-settings.ts';
import type { ReadCall } from './read-call.ts';

const common = new Set([
  'prompt',
  'model',
  'n',
  'size',
  'quality',
  'background',
  'output_format',
  'output_compression',
  'stream',
  'partial_images',
  'safety_identifier',
  'user',
  'complexity',
]);
/** Listed, but behind an access that the emulator's project does not have. */
const gated = new Set(['frame_count', 'frame_duration_ms', 'svg']);

/** @throws {OpenAIRefusal} */
export function checkCall(call: ReadCall, operation: 'generate' | 'edit', settings: OpenAISettings): void {
  const { parameters, pictures } = call;
  checkNames(parameters, operation);
  checkPrompt(parameters['prompt']);
  const model = typeof parameters['model'] === 'string' ? parameters['model'] : 'gpt-image-1.5';
  oneOf(parameters, 'quality', qualities(model));
  oneOf(parameters, 'background', ['transparent', 'opaque', 'auto']);
  oneOf(parameters, 'output_format', ['png', 'jpeg', 'webp']);
  oneOf(parameters, 'moderation', ['auto', 'low']);
  oneOf(parameters, 'complexity', ['low', 'medium', 'high']);
  oneOf(parameters, 'input_fidelity', ['high', 'low']);
  range(parameters, 'n', 1, 10);
  range(parameters, 'output_compression', 0, 100);
  range(parameters, 'partial_images', 0, 3);
  if (
    parameters['stream'] !== undefined &&
    parameters['stream'] !== null &&
    typeof parameters['stream'] !== 'boolean'
  ) {
    throw refusal('invalid_type', { param: 'stream', message: "Invalid type for 'stream': expected a boolean." });
  }
  checkCombinations(parameters, model, settings);
  if (operation === 'edit') checkPictures(parameters, pictures, model);
}

function checkNames(parameters: Readonly<Record<string, unknown>>, operation: 'generate' | 'edit'): void {
  const further = operation === 'generate' ? 'moderation' : 'input_fidelity';
  for (const name of Object.keys(parameters)) {
    if (common.has(name) || name === further) continue;
    if (gated.has(name)) throw invalidValue(name, `'${name}' needs access to this feature.`);
    throw refusal('unknown_parameter', { param: name, message: `Unknown parameter: '${name}'.` });
  }
}

function checkPrompt(prompt: unknown): void {
  if (prompt === undefined || prompt === null || prompt === '') {
    throw refusal('missing_required_parameter', { param: 'prompt', message: "Missing required parameter: 'prompt'." });
  }
  if (typeof prompt !== 'string')
    throw refusal('invalid_type', { param: 'prompt', message: "Invalid type for 'prompt'." });
  if (Array.from(prompt).length > 32_000) throw invalidValue('prompt', "Invalid 'prompt': at most 32000 characters.");
}

function checkCombinations(
  parameters: Readonly<Record<string, unknown>>,
  model: string,
  settings: OpenAISettings,
): void {
  const { size, background, output_format: format } = parameters;
  if (typeof size === 'string') {
    const problem = sizeProblem(model, size);
    if (problem !== undefined) throw invalidValue('size', problem);
  } else if (size !== undefined && size !== null) {
    throw refusal('invalid_type', { param: 'size', message: "Invalid type for 'size': expected a string." });
  }
  if (background === 'transparent' && format === 'jpeg') {
    throw invalidValue('background', 'Transparent background is not supported for jpeg.');
  }
  if (background === 'transparent' && generationOf(model) === 2 && !settings.transparentPreview) {
    throw invalidValue('background', 'Transparent background is not supported for this model.');
  }
  if (parameters['output_compression'] !== undefined && format !== 'jpeg' && format !== 'webp') {
    throw invalidValue('output_compression', 'Compression is only supported for jpeg and webp.');
  }
  if (parameters['partial_images'] !== undefined && parameters['stream'] !== true) {
    throw invalidValue('partial_images', "'partial_images' needs 'stream'.");
  }
}

function checkPictures(
  parameters: Readonly<Record<string, unknown>>,
  pictures: readonly UploadedPicture[],
  model: string,
): void {
  const images = pictures.filter(({ field }) => field === 'image' || field === 'image[]');
  const mask = pictures.find(({ field }) => field === 'mask');
  const markup = pictures.find(({ field }) => field === 'markup');
  const [first] = images;
  if (first === undefined) {
    throw refusal('missing_required_parameter', { param: 'image', message: "Missing required parameter: 'image'." });
  }
  if (images.length > 16) throw invalidValue('image', 'At most 16 images are supported.');
  if (parameters['input_fidelity'] !== undefined) checkFidelity(parameters['input_fidelity'], model);
  if (mask !== undefined && markup !== undefined) throw invalidValue('markup', 'Use either a mask or a markup.');
  if (markup !== undefined && generationOf(model) < 2.5) throw unknownFor('markup', model);
  for (const overlay of [mask, markup]) {
    if (overlay === undefined) continue;
    const { width, height, format } = overlay.header;
    if (format !== 'png' || width !== first.header.width || height !== first.header.height) {
      throw invalidValue(overlay.field, `The ${overlay.field} must be a PNG with the size of the first image.`);
    }
  }
}

function checkFidelity(value: unknown, model: string): void {
  if (generationOf(model) === 2) throw refusal('invalid_input_fidelity_model');
  if (model.startsWith('gpt-image-1-mini') && value === 'high') throw refusal('invalid_input_fidelity_model');
}

function unknownFor(name: string, model: string): OpenAIRefusal {
  return refusal('unknown_parameter', { param: name, message: `Unknown parameter for ${model}: '${name}'.` });
}

function qualities(model: string): readonly string[] {
  const all = ['low', 'medium', 'high', 'auto'];
  return generationOf(model) >= 2.5 ? [...all, 'xhigh', 'max'] : all;
}

function oneOf(parameters: Readonly<Record<string, unknown>>, name: string, allowed: readonly string[]): void {
  const value = parameters[name];
  if (value === undefined || value === null || (typeof value === 'string' && allowed.includes(value))) return;
  throw invalidValue(name, `Invalid value: ${JSON.stringify(value)}. Supported values are: ${allowed.join(', ')}.`);
}

function range(parameters: Readonly<Record<string, unknown>>, name: string, min: number, max: number): void {
  const value = parameters[name];
  if (value === undefined || value === null) return;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw refusal('invalid_type', { param: name, message: `Invalid type for '${name}': expected an integer.` });
  }
  if (value < min || value > max)
    throw invalidValue(name, `Invalid '${name}': expected ${min} to ${max}, got ${value}.`);
}
