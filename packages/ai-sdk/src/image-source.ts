import { ImageError } from '@holodeck/core';
import type {
  GenerationTask,
  ImageClient,
  ImageSizeInput,
  ImageUsage,
  ProviderOptions,
  ReferenceInput,
} from '@holodeck/core';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { say } from './ai-sdk-messages.ts';

/** A client, as far as it is needed here. */
export type GeneratingClient = Pick<ImageClient, 'generate' | 'backend'>;

/** What a session is asked for: the image request of `@holodeck/hybrid`. */
export interface SessionImageRequest {
  readonly id: string;
  readonly prompt: string;
  readonly size?: ImageSizeInput;
  readonly seed?: number;
  readonly style?: string;
  readonly negativePrompt?: string;
  readonly references?: readonly ReferenceInput[];
  readonly background?: 'transparent' | 'opaque';
  readonly format?: 'png' | 'jpeg' | 'webp';
  readonly providerOptions?: Readonly<Record<string, ProviderOptions>>;
}

/** What a session settles with. */
export type SessionImage =
  | {
      readonly success: true;
      readonly assetId: string;
      readonly path: string;
      readonly source: string;
      readonly attempts: number;
      readonly backend?: string;
      readonly model?: string;
      readonly jobId?: string;
      readonly seed?: number;
      readonly revisedPrompt?: string;
      /** Whether the scene reference was sent along (`reference`), or only words describe its look. */
      readonly look?: string;
      readonly usage?: ImageUsage;
      readonly warnings: readonly { readonly message: string }[];
    }
  | { readonly success: false; readonly error: ImageError };

/** A session of `@holodeck/hybrid`, as far as it is needed here: `hybridClient.session(id)`. */
export interface GeneratingSession {
  readonly id: string;
  readonly folder: Promise<string>;
  generateImage(request: SessionImageRequest, options?: { readonly signal?: AbortSignal }): Promise<SessionImage>;
}

/** A client of `@holodeck/hybrid`, as far as it is needed here: each call names its session. */
export interface GeneratingHybrid {
  session(sessionId: string): GeneratingSession;
}

/** What a source made, for the SDK. */
export interface MadeImages {
  readonly images: readonly Uint8Array<ArrayBuffer>[];
  /** What is known of each image. */
  readonly about: readonly Readonly<Record<string, string | number>>[];
  readonly model: string;
  readonly warnings: readonly string[];
  readonly usage?: ImageUsage;
}

/** Where the images of a model come from. */
export interface ImageSource {
  readonly provider: string;
  readonly modelId: string;
  readonly maxCount: number;
  readonly takesFiles: boolean;
  /** Sides of sizes that are derived from an aspect ratio are multiples of this. */
  readonly multipleOf: number;
  /** @throws {ImageError} */
  make(
    task: GenerationTask & { readonly taskId: string },
    session: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<MadeImages>;
}

/** The source over a client, a session, or a hybrid client. */
export function imageSourceOf(source: GeneratingClient | GeneratingSession | GeneratingHybrid): ImageSource {
  if ('generate' in source) return sourceOfClient(source);
  const sessionOf = (named: string | undefined): GeneratingSession => {
    if ('session' in source) {
      if (named === undefined) throw refused(say('session-missing'));
      return source.session(named);
    }
    if (named !== undefined && named !== source.id) throw refused(say('session-other', { session: source.id, named }));
    return source;
  };
  return {
    provider: 'holodeck.hybrid',
    modelId: 'session' in source ? 'sessions' : source.id,
    maxCount: 1,
    takesFiles: true,
    multipleOf: 16,
    make: async (task, session, signal) => await makeInSession(sessionOf(session), task, signal),
  };
}

function sourceOfClient(client: GeneratingClient): ImageSource {
  const { backend } = client;
  const { maxCount, references, size } = backend.capabilities;
  return {
    provider: `holodeck.${backend.name}`,
    modelId: backend.model,
    maxCount,
    takesFiles: references !== undefined,
    multipleOf: size.multipleOf ?? 8,
    async make(task, session, signal) {
      if (session !== undefined) throw refused(say('session-none'));
      const result = await client.generate(task, signal === undefined ? {} : { signal });
      if (!result.success) throw result.error;
      const { taskId, source, jobId, paidAttempts, usage, model, warnings } = result;
      return {
        images: await Promise.all(
          result.images.map(async ({ path, bytes }) => Uint8Array.from(bytes ?? (await readFile(path ?? '')))),
        ),
        about: result.images.map(({ seed, revisedPrompt, path }) =>
          present({ taskId, source, paidAttempts, jobId, seed, revisedPrompt, path }),
        ),
        model,
        warnings: warnings.map(({ message }) => message),
        ...(usage === undefined ? {} : { usage }),
      };
    },
  };
}

async function makeInSession(
  session: GeneratingSession,
  task: GenerationTask & { readonly taskId: string },
  signal: AbortSignal | undefined,
): Promise<MadeImages> {
  const { taskId, count: _count, scope, references = [], ...request } = task;
  if (scope !== undefined) throw refused(say('session-scope'));
  const result = await session.generateImage(
    {
      ...request,
      id: taskId,
      ...(references.length === 0 ? {} : { references: await keepReferences(references, await session.folder) }),
    },
    signal === undefined ? {} : { signal },
  );
  if (!result.success) throw result.error;
  const { assetId, source, attempts, jobId, seed, revisedPrompt, path, look, usage, warnings, backend, model } = result;
  const about = { sessionId: session.id, assetId, source, paidAttempts: attempts, backend, jobId, seed, revisedPrompt };
  return {
    images: [Uint8Array.from(await readFile(path))],
    about: [present({ ...about, path, look })],
    model: model ?? '',
    warnings: warnings.map(({ message }) => message),
    ...(usage === undefined ? {} : { usage }),
  };
}

/** A session keeps what its images were made from, so the files of a call are kept in its folder, by their hash. */
async function keepReferences(
  references: readonly ReferenceInput[],
  folder: string,
): Promise<readonly ReferenceInput[]> {
  const kept = join(folder, 'ai-sdk-files');
  await mkdir(kept, { recursive: true });
  return await Promise.all(
    references.map(async ({ bytes = new Uint8Array(), role }) => {
      const path = join(kept, createHash('sha256').update(bytes).digest('hex'));
      await writeFile(path, bytes);
      return { path, ...(role === undefined ? {} : { role }) };
    }),
  );
}

function present(fields: Readonly<Record<string, string | number | undefined>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(fields).filter((entry) => entry[1] !== undefined)) as Record<
    string,
    string | number
  >;
}

function refused(said: ReturnType<typeof say>): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', ...said });
}
