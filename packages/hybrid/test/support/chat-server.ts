import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

/** One question as the server received it. */
export interface ChatRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly messages: readonly [
      unknown,
      {
        readonly content: readonly {
          readonly type: string;
          readonly text?: string;
          readonly image_url?: { url: string };
        }[];
      },
    ];
  };
}

/** A chat endpoint of OpenAI's form on loopback, closed after the test. */
export interface ChatServer {
  /** The base, with `/v1`. */
  readonly url: string;
  readonly requests: ChatRequest[];
  /** How it answers. */
  reply: (response: ServerResponse) => void;
}

export const goodAnswer = {
  showsObject: true,
  oneObject: true,
  textOrMarks: false,
  look: 0.8,
  reason: 'A brass lamp in the colours of the scene.',
} as const;

/** A reply with this text as the model's words. */
export function says(text: string): ChatServer['reply'] {
  const usage = { prompt_tokens: 1000, completion_tokens: 100 };
  const body = JSON.stringify({ choices: [{ message: { role: 'assistant', content: text } }], usage });
  return (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

const running: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((close) => close()));
});

export async function chatServer(): Promise<ChatServer> {
  const requests: ChatRequest[] = [];
  // A program of another run may still call a port that was its own before: it does not know this folder.
  const folder = `/${randomUUID()}`;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url: address = '' } = request;
    if (!address.startsWith(folder)) {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization } = request.headers;
    const body = JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest['body'];
    requests.push({ path: address.slice(folder.length), authorization, body });
    chat.reply(response);
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${folder}/v1`;
  const chat: ChatServer = { url, requests, reply: says(`\`\`\`json\n${JSON.stringify(goodAnswer)}\n\`\`\``) };
  return chat;
}
