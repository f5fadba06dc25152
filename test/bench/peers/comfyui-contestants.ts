import { randomUUID } from 'node:crypto';
import { createComfyUIBackend } from '@holodeck/comfyui';
import { checkAndWrite } from './bare.ts';
import type { Contestant, ContestantSettings } from './contestant.ts';
import { driven } from './ours.ts';

/** A graph that needs no model. `color` differs, so the server's cache never answers a job. */
function graph(
  settings: ContestantSettings,
  index: number,
): Record<string, { class_type: string; inputs: Record<string, unknown> }> {
  const [width, height] = settings.size.split('x').map(Number);
  return {
    '1': { class_type: 'EmptyImage', inputs: { width, height, batch_size: 1, color: index } },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'bench' } },
  };
}

interface SavedFile {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

async function view(url: string, saved: SavedFile): Promise<Buffer> {
  const query = new URLSearchParams({ filename: saved.filename, subfolder: saved.subfolder, type: saved.type });
  const answer = await fetch(`${url}/view?${query}`);
  return Buffer.from(await answer.arrayBuffer());
}

let nextColor = 1;

export const comfyuiContestants: Readonly<Record<string, (settings: ContestantSettings) => Promise<Contestant>>> = {
  '@holodeck/comfyui': async (settings) => {
    const backend = createComfyUIBackend({
      url: settings.url,
      workflow: graph(settings, 0),
      maxConcurrent: settings.width,
    });
    return driven(backend, settings, () => ({ providerOptions: { comfyui: { inputs: { '1.color': nextColor++ } } } }));
  },
  'bare socket': async (settings) => {
    const { url } = settings;
    const { WebSocket } = await import('ws');
    const clientId = randomUUID();
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=${clientId}`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const waiting = new Map<string, () => void>();
    socket.on('message', (data, binary) => {
      if (binary) return;
      const { type, data: event } = JSON.parse((data as Buffer).toString());
      if (type === 'executing' && event.node === null) waiting.get(event.prompt_id)?.();
    });
    return {
      async run(_prompt, _index, file) {
        const promptId = randomUUID();
        const done = new Promise<void>((resolve) => waiting.set(promptId, resolve));
        const headers = { 'content-type': 'application/json' };
        const prompt = graph(settings, nextColor++);
        const body = JSON.stringify({ prompt, client_id: clientId, prompt_id: promptId });
        await (await fetch(`${url}/prompt`, { method: 'POST', headers, body })).arrayBuffer();
        await done;
        waiting.delete(promptId);
        const history = (await (await fetch(`${url}/history/${promptId}`)).json()) as Record<
          string,
          { outputs: Record<string, { images: SavedFile[] }> }
        >;
        const [saved] = Object.values(history[promptId]?.outputs ?? {}).flatMap(({ images }) => images);
        if (saved === undefined) throw new Error('There is no image.');
        return checkAndWrite(await view(url, saved), file, settings.sync);
      },
      close: async () => socket.terminate(),
    };
  },
  '@saintno/comfyui-sdk': async (settings) => {
    const { CallWrapper, ComfyApi, PromptBuilder } = await import('@saintno/comfyui-sdk');
    const api = new ComfyApi(settings.url, randomUUID());
    await api.init().waitForReady();
    return {
      async run(_prompt, _index, file) {
        const workflow = new PromptBuilder(graph(settings, nextColor++) as never, [], ['images'] as never[]);
        workflow.setOutputNode('images' as never, '2' as never);
        const outputs = await new CallWrapper(api, workflow as never).run();
        const [saved] = (outputs as { images?: { images: SavedFile[] } }).images?.images ?? [];
        if (saved === undefined) throw new Error('There is no image.');
        return checkAndWrite(await view(settings.url, saved), file, settings.sync);
      },
      close: async () => api.destroy(),
    };
  },
  '@stable-canvas/comfyui-client enqueue': async (settings) => {
    const { Client } = await import('@stable-canvas/comfyui-client');
    const client = new Client({ api_host: new URL(settings.url).host, ssl: false } as never);
    void client.connect();
    return {
      async run(_prompt, _index, file) {
        const { images } = await client.enqueue(graph(settings, nextColor++) as never);
        const [image] = images;
        if (image === undefined) throw new Error('There is no image.');
        const bytes =
          image.type === 'buff'
            ? Buffer.from(image.data as ArrayBuffer)
            : Buffer.from(await (await fetch(image.data as string)).arrayBuffer());
        return checkAndWrite(bytes, file, settings.sync);
      },
      close: async () => client.close(),
    };
  },
  'comfy-ui-client': async (settings) => {
    const { ComfyUIClient } = await import('comfy-ui-client');
    const client = new ComfyUIClient(new URL(settings.url).host, randomUUID());
    await client.connect();
    return {
      async run(_prompt, _index, file) {
        const images = await client.getImages(graph(settings, nextColor++) as never);
        const [image] = Object.values(images).flat();
        if (image === undefined) throw new Error('There is no image.');
        return checkAndWrite(Buffer.from(await (image.blob as Blob).arrayBuffer()), file, settings.sync);
      },
      close: async () => client.disconnect(),
    };
  },
};
