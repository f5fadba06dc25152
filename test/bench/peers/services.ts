/**
 * Starts one emulator in this process and sends its URL to the parent: `services.ts <service> <settings as JSON>`. A message
 * from the parent changes settings.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';

interface EmulatedService {
  readonly url: string;
  readonly credentials?: unknown;
  readonly apiKey?: string;
  set(settings: Record<string, unknown>): void;
}

const [, , service, json = '{}'] = process.argv;
const settings = JSON.parse(json) as Record<string, unknown>;

async function start(): Promise<EmulatedService> {
  if (service === 'openai')
    return startOpenAIEmulator({ server: 'sdcpp', apiKey: 'sk-emulator', imagesPerMinute: 'off', ...settings });
  if (service === 'comfyui') return startComfyUIEmulator({ jobMs: 0, ...settings });
  return startHunyuanEmulator({ submitRate: 'off', queryRate: 'off', ...settings });
}

/**
 * A server that answers each request for an image with the first answer of OpenAI's emulator, and passes other requests on: painting a
 * large picture takes longer than all that is measured.
 */
async function startRepeater({ url, apiKey }: EmulatedService): Promise<string> {
  const ask = async ({ method = 'GET', url: path }: IncomingMessage, body: string): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` };
    const answer = await fetch(`${url}${path}`, { method, headers, ...(method === 'GET' ? {} : { body }) });
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  };
  let image: Promise<Answer> | undefined;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.once('end', () => {
      const body = Buffer.concat(parts).toString();
      const isImage = request.url?.endsWith('/images/generations') === true;
      const answer = isImage ? (image ??= ask(request, body)) : ask(request, body);
      answer.then(
        (found) => response.writeHead(found.status, { 'content-type': 'application/json' }).end(found.body),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const emulator = await start();
const { credentials, apiKey } = emulator;
const isRepeated = service === 'openai' && settings['imageBytes'] !== undefined;
const url = isRepeated ? await startRepeater(emulator) : emulator.url;
process.send?.({ url, credentials, apiKey });
process.on('message', (changed: Record<string, unknown>) => {
  emulator.set(changed);
  process.send?.('changed');
});
process.on('disconnect', () => process.exit(0));
