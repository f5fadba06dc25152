/** Reads a request's body into parameters and pictures. */
import { createHash } from 'node:crypto';
import { readImageHeader } from '../base/image-header.ts';
import { isRecord } from '../base/is-record.ts';
import type { UploadedPicture } from './image-call.ts';
import { parseMultipart } from '../base/multipart-body.ts';
import type { Part } from '../base/multipart-body.ts';
import { readFile } from './batch/file-store.ts';
import type { StoredFile } from './batch/file-store.ts';
import { OpenAIRefusal, refusal } from './openai-refusal.ts';

export interface ReadCall {
  readonly parameters: Record<string, unknown>;
  readonly pictures: readonly UploadedPicture[];
}

const fileFields = new Set(['image', 'image[]', 'mask', 'markup']);
const imageTypes = new Set(['image/png', 'image/jpeg', 'image/webp']);
const maxFileBytes = 50_000_000;
const maxMaskBytes = 4_000_000;

/** Finds a file that was uploaded. */
export type FindFile = (id: string) => StoredFile | undefined;

const noFile: FindFile = () => undefined;

/** @throws {OpenAIRefusal} */
export async function readCall(
  contentType: string,
  body: Buffer,
  operation: 'generate' | 'edit',
  fileOf: FindFile = noFile,
  takesRepeatedImage = false,
): Promise<ReadCall> {
  if (/^multipart\/form-data\b/i.test(contentType)) {
    if (operation === 'generate') throw unsupported(contentType);
    return readForm(contentType, body, takesRepeatedImage);
  }
  if (/^application\/json\b/i.test(contentType)) return readJson(body, operation, fileOf);
  throw unsupported(contentType);
}

function unsupported(contentType: string): OpenAIRefusal {
  return new OpenAIRefusal({
    status: 400,
    type: 'invalid_request_error',
    code: 'unsupported_content_type',
    message: `Unsupported content type: '${contentType}'.`,
  });
}

async function readJson(body: Buffer, operation: 'generate' | 'edit', fileOf: FindFile): Promise<ReadCall> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    value = undefined;
  }
  if (!isRecord(value)) {
    throw new OpenAIRefusal({
      status: 400,
      type: 'invalid_request_error',
      message: 'We could not parse the JSON body of your request.',
    });
  }
  return readBody(value, operation, fileOf);
}

/** A request in JSON, also one that is a line of a batch. @throws {OpenAIRefusal} */
export async function readBody(
  value: Record<string, unknown>,
  operation: 'generate' | 'edit',
  fileOf: FindFile,
): Promise<ReadCall> {
  if (operation === 'generate') return { parameters: value, pictures: [] };
  const { images, mask, ...parameters } = value;
  const references: unknown[] = Array.isArray(images) ? images : [];
  const pictures: UploadedPicture[] = [];
  for (const reference of references) pictures.push(await readReference(reference, 'image[]', fileOf));
  if (mask !== undefined) pictures.push(await readReference(mask, 'mask', fileOf));
  return { parameters, pictures };
}

/** `{ file_id }` of an upload, or `{ image_url: "data:..." }`; the emulator fetches nothing. */
async function readReference(reference: unknown, field: string, fileOf: FindFile): Promise<UploadedPicture> {
  const { image_url: url, file_id: id, ...others } = isRecord(reference) ? reference : {};
  if (Object.keys(others).length > 0 || (url === undefined) === (id === undefined)) {
    throw refusal('invalid_value', { param: 'images', message: "Exactly one of 'image_url' and 'file_id' is needed." });
  }
  if (typeof id === 'string') return readUpload(fileOf(id), id, field);
  return parsePictureUrl(url, field);
}

/** A picture in a data URL; the emulator fetches nothing. @throws {OpenAIRefusal} */
export function parsePictureUrl(url: unknown, field: string): UploadedPicture {
  const match = typeof url === 'string' ? /^data:([\w/+.-]+);base64,(.*)$/s.exec(url) : null;
  if (match?.[1] === undefined || match[2] === undefined) {
    throw refusal('invalid_value', { param: 'images', message: 'The emulator takes images as files and data URLs.' });
  }
  const content = Buffer.from(match[2], 'base64');
  return readPicture({ name: field, filename: 'image', type: match[1], content }, field);
}

async function readUpload(file: StoredFile | undefined, id: string, field: string): Promise<UploadedPicture> {
  if (file === undefined) throw refusal('invalid_value', { param: 'images', message: `No such file: ${id}.` });
  if (file.picture === undefined) {
    const content = await readFile(file);
    const header = readImageHeader(content);
    const type = `image/${header?.format ?? 'unknown'}`;
    file.picture = readPicture({ name: field, filename: file.filename, type, content }, field);
  }
  return { ...file.picture, field };
}

function readForm(contentType: string, body: Buffer, takesRepeatedImage: boolean): ReadCall {
  const parts = parseMultipart(contentType, body);
  if (parts === undefined) {
    throw new OpenAIRefusal({
      status: 400,
      type: 'invalid_request_error',
      message: 'Could not parse multipart form.',
    });
  }
  if (!takesRepeatedImage && parts.filter(({ name }) => name === 'image').length > 1) {
    throw refusal('invalid_value', {
      param: 'image',
      message: "Duplicate parameter: 'image'. To send several images use 'image[]'.",
    });
  }
  const parameters: Record<string, unknown> = {};
  const pictures: UploadedPicture[] = [];
  for (const part of parts) {
    if (fileFields.has(part.name)) pictures.push(readPicture(part, part.name));
    else if (/^(?:image|mask|markup)\[\d+\]$/.test(part.name)) throw wrongType(part.name);
    else if (part.name in parameters) throw refusal('invalid_value', { param: part.name, message: 'Sent twice.' });
    else parameters[part.name] = scalar(part);
  }
  return { parameters, pictures };
}

function readPicture(part: Part, field: string): UploadedPicture {
  const { filename, type, content } = part;
  if (filename === undefined) throw wrongType(field);
  if (type === undefined || !imageTypes.has(type)) {
    throw refusal('unsupported_file_mimetype', {
      param: field,
      message: `Invalid file '${field}': unsupported mimetype ('${type ?? 'application/octet-stream'}').`,
    });
  }
  const limit = field === 'mask' ? maxMaskBytes : maxFileBytes;
  if (content.length >= limit) throw refusal('invalid_value', { param: field, message: 'The file is too large.' });
  const header = readImageHeader(content);
  if (header === undefined || `image/${header.format}` !== type) throw refusal('invalid_image_file', { param: field });
  return {
    field,
    filename,
    type,
    sha256: createHash('sha256').update(content).digest('hex'),
    byteLength: content.length,
    bytes: content,
    header,
  };
}

function wrongType(field: string): OpenAIRefusal {
  return refusal('invalid_type', { param: field, message: `Invalid type for '${field}': expected a file.` });
}

/** Text fields that mean numbers and switches. */
function scalar({ name, content }: Part): unknown {
  const text = content.toString('utf8');
  if (name === 'stream') return text === 'true' ? true : text === 'false' ? false : text;
  const isNumber = ['n', 'partial_images', 'output_compression', 'frame_count', 'frame_duration_ms', 'seed'].includes(
    name,
  );
  return isNumber && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
