import type {
  ApiError,
  CreateSession,
  DemoConfig,
  FindObjects,
  NamedObject,
  ServiceSwitches,
  SessionActions,
} from '../../src/shared/demo-api.ts';
import type { Texts } from '../../src/shared/session-view.ts';

/** A refusal with the server's message. */
export class ApiFailure extends Error {
  readonly code: string;
  readonly texts: Texts;

  constructor(code: string, texts: Texts) {
    super(texts.en);
    this.name = 'ApiFailure';
    this.code = code;
    this.texts = texts;
  }
}

/** An error's message for the user. */
export function textsOfError(error: unknown): Texts {
  if (error instanceof ApiFailure) return error.texts;
  const message = error instanceof Error ? error.message : String(error);
  return { en: message, zh: message };
}

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const isBytes = body instanceof Blob;
  const response = await fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : {
          body: isBytes ? body : JSON.stringify(body),
          headers: { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' },
        }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as Answer;
  const { code, message } = (answer as ApiError | undefined)?.error ?? {
    code: 'http',
    message: { en: `HTTP ${response.status}`, zh: `HTTP ${response.status}` },
  };
  throw new ApiFailure(code, message);
}

export const getConfig = (): Promise<DemoConfig> => call('GET', '/api/config');

/** What the server's table finds in each of some texts. */
export const findObjects = (texts: FindObjects['texts']): Promise<readonly (readonly NamedObject[])[]> =>
  call('POST', '/api/objects', { texts } satisfies FindObjects);

export const createSession = (request: CreateSession): Promise<{ sessionId: string }> =>
  call('POST', '/api/sessions', request);

export const putReference = (sessionId: string, picture: Blob): Promise<unknown> =>
  call('PUT', `${sessionPath(sessionId)}/scene-reference`, picture);

export const act = <Action extends keyof SessionActions>(
  sessionId: string,
  action: Action,
  body: SessionActions[Action],
): Promise<unknown> => call('POST', `${sessionPath(sessionId)}/${action}`, body);

export const switchFaults = (backend: string, changes: Partial<ServiceSwitches>): Promise<unknown> =>
  call('POST', `/api/faults/${encodeURIComponent(backend)}`, changes);

export const checkAvailability = (): Promise<unknown> => call('POST', '/api/availability', {});

export function archiveUrl(sessionId: string): string {
  return `${sessionPath(sessionId)}/archive.zip`;
}

function sessionPath(sessionId: string): string {
  return `/api/sessions/${encodeURIComponent(sessionId)}`;
}
