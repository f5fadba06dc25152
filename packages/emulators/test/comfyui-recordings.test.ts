import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startComfyUIEmulator } from '../src/index.ts';
import type { ComfyUIEmulator } from '../src/index.ts';
import { diffusionGraph, get, isEnd, Peer, post, trivialGraph } from './support/comfyui-peer.ts';
import { missingRecordings, recordedCase, recordedFile, recordedStream } from './support/comfyui-recordings.ts';

const missing = missingRecordings();
if (missing !== undefined) console.warn(missing);

let emulator: ComfyUIEmulator;
const peers: Peer[] = [];

async function open(clientId: string, flags = false): Promise<Peer> {
  const peer = await Peer.open(emulator.url, clientId, flags);
  peers.push(peer);
  return peer;
}

/** Runs a graph and gives what the peer heard of it. */
async function run(peer: Peer, graph: unknown, states = true): Promise<string[]> {
  const from = peer.lines.length;
  const answer = await post(emulator.url, '/prompt', { prompt: graph, client_id: peer.clientId });
  expect(answer.status).toBe(200);
  await peer.until(isEnd, from);
  return peer.since(from, states);
}

/** Files and prompts are counted from 1 here, and from wherever it stood there. */
const uncounted = (lines: readonly string[]): string[] => {
  const prompts: string[] = [];
  return lines.map((line) =>
    line
      .replaceAll(/_\d{5}_/g, '_NNNNN_')
      .replaceAll(/ComfyUI_temp_[a-z0-9]{5}/g, 'ComfyUI_temp_xxxxx')
      .replaceAll(/<prompt \d+>/g, (prompt) => {
        if (!prompts.includes(prompt)) prompts.push(prompt);
        return `<prompt ${prompts.indexOf(prompt) + 1}>`;
      }),
  );
};
/** Of recorded lines that were cut, only what stands in them is compared. */
const same = (own: readonly string[], recorded: readonly string[]): void => {
  const theirs = uncounted(recorded);
  const ours = uncounted(own).map((line, index) => {
    const their = theirs[index] ?? '';
    if (their.endsWith(' ...')) return `${line.slice(0, their.length - ' ...'.length)} ...`;
    const cut = their.includes('"cut":true');
    return cut ? line.replace(/^(\w+) (.*)$/s, (_, type: string, json: string) => `${type} ${cutDown(json)}`) : line;
  });
  expect(ours).toEqual(theirs);
};
const cutDown = (json: string): string => {
  const { node_id, node_type, prompt_id } = JSON.parse(json) as Record<string, unknown>;
  return JSON.stringify({ cut: true, node_id, node_type, prompt_id });
};
const afterFirst = (lines: readonly string[]): string[] =>
  lines.filter((line, index) => index > 0 || !line.includes('"sid"'));

beforeEach(async () => {
  emulator = await startComfyUIEmulator({ jobMs: 0, models: { checkpoints: ['tiny-random.safetensors'] } });
});

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
});

describe.skipIf(missing !== undefined)('event streams against recordings of a real server', () => {
  const first = '01-prompt-ok-invalid-cached.txt';

  it('a job and its repetition from the cache, for its client and for another', async () => {
    const [a, b] = [await open('cA'), await open('cB')];
    const ok = recordedCase(first, 'ok prompt');
    same(await run(a, trivialGraph()), afterFirst(recordedStream(ok, 'ws A')));
    same(b.since(0), recordedStream(ok, 'ws B'));
    same(await run(a, trivialGraph()), recordedStream(recordedCase(first, 'same prompt again'), 'ws A'));
  });

  it('a diffusion job with previews as event 1, then as event 4', async () => {
    emulator.set({ previewMethod: 'latent2rgb', jobMs: 300 });
    const a = await open('cA');
    const recorded = recordedStream(recordedCase(first, 'sd, preview no flags'), 'ws A');
    same(await run(a, diffusionGraph(1)), recorded);
    const c = await open('cC', true);
    const rich = recordedStream(recordedCase(first, 'sd, preview with supports'), 'ws C');
    same(c.lines, rich.slice(0, 2));
    same(await run(c, diffusionGraph(2)), rich.slice(2));
  });

  it('a runtime error, and one of two outputs', async () => {
    const file = '03-runtime-error-interrupt.txt';
    const [a, b] = [await open('cA'), await open('cB')];
    const recorded = recordedCase(file, 'runtime error');
    same(await run(a, trivialGraph('../../evil'), false), recordedStream(recorded, 'A'));
    same(b.since(1), recordedStream(recorded, 'B'));
    const two = {
      ...trivialGraph('../../evil'),
      '3': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: '../../evil' } },
    };
    const own = await run(a, two, false);
    const theirs = recordedStream(recordedCase(file, 'two outputs, one fails'), 'A');
    // The first node is in the cache here, and which of the two outputs runs first is not fixed.
    expect(own.filter((line) => line.startsWith('execution_error') || isEnd(line))).toHaveLength(2);
    expect(theirs.filter((line) => line.startsWith('execution_error') || isEnd(line))).toHaveLength(2);
  });

  it('images over the socket, with and without metadata, and text frames', async () => {
    const file = recordedFile('10-previews-text-fail-interrupt.txt');
    const sockets = recordedFile('09-misc.txt') + file;
    const batch = {
      '1': { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 2, color: 9 } },
      '2': { class_type: 'SaveImageWebsocket', inputs: { images: ['1', 0] } },
    };
    const withFrames = sockets
      .split(/^POST \/prompt/m)
      .filter((part) => part.includes('BIN') && part.includes('"max":2'));
    const a = await open('cA');
    same(await run(a, batch, false), recordedStream(withFrames[0]!, 'A'));
    const b = await open('cB', true);
    emulator.set({ cache: 'none' });
    same(await run(b, batch, false), recordedStream(withFrames[1]!, 'B flags').slice(3));
    const text = {
      '1': { class_type: 'EmptyImage', inputs: { width: 16, height: 16, batch_size: 1, color: 3 } },
      '2': { class_type: 'GetImageSize', inputs: { image: ['1', 0] } },
      '3': { class_type: 'PreviewAny', inputs: { source: ['2', 0] } },
    };
    const from = b.lines.length;
    const recorded = recordedCase('10-previews-text-fail-interrupt.txt', 'progress text');
    same(await run(a, text, false), recordedStream(recorded, 'A'));
    same(b.since(from), recordedStream(recorded, 'B flags'));
  });

  it('an interrupt, and a failure after a good output', async () => {
    const a = await open('cA');
    const sleep = (inputs: Record<string, unknown>): Record<string, unknown> => ({
      '1': trivialGraph()['1'],
      '3': { class_type: 'TestSleep', inputs: { image: ['1', 0], steps: 100, ms: 50, fail: false, ...inputs } },
      '4': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 's' } },
    });
    await run(a, {
      ...trivialGraph(),
      '4': sleep({})['4'],
      '3': { class_type: 'TestSleep', inputs: { image: ['1', 0], steps: 1, ms: 0, fail: false } },
    });
    const from = a.lines.length;
    await post(emulator.url, '/prompt', { prompt: sleep({}), client_id: 'cA' });
    await a.until((line) => line.startsWith('progress {'), from);
    await post(emulator.url, '/interrupt', {});
    await a.until(isEnd, from);
    const recorded = recordedStream(recordedCase('10-previews-text-fail-interrupt.txt', 'interrupt latency'), 'A');
    const steps = (line: string): boolean => !line.startsWith('progress {');
    same(a.since(from, false).filter(steps), recorded.filter(steps));
  });

  it('a blocked branch with a message, and one without', async () => {
    const a = await open('cA');
    const graph = (message: string): Record<string, unknown> => ({
      '1': trivialGraph('x', { color: message.length })['1'],
      '2': { class_type: 'TestBlock', inputs: { image: ['1', 0], message } },
      '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'blocked' } },
      '4': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'okk' } },
    });
    const parts = recordedFile('17-execution-blocker.txt')
      .split(/^POST \/prompt/m)
      .slice(1);
    const noStatus = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith('status'));
    for (const [index, message] of ['not today', ''].entries()) {
      same(
        noStatus(await run(a, graph(message), false)),
        recordedStream(`--- A\n${parts[index]!.split('\n').slice(1).join('\n')}`, 'A'),
      );
      const history = await get(emulator.url, '/history?max_items=1');
      const [entry] = Object.values(history.json) as {
        outputs: Record<string, unknown>;
        status: { status_str: string };
      }[];
      expect([Object.keys(entry!.outputs), entry!.status.status_str]).toEqual([['4'], 'success']);
    }
  });

  it('who hears a job without a client, and a client that comes late or comes back', async () => {
    emulator.set({ previewMethod: 'latent2rgb', jobMs: 300 });
    const file = '04-history-queue-jobs.txt';
    const a = await open('cA');
    const other = await open('cN');
    await run(a, diffusionGraph(1));
    const from = other.lines.length;
    const before = emulator.ledger.accepted;
    await post(emulator.url, '/prompt', { prompt: diffusionGraph(2) });
    expect(emulator.ledger.accepted).toBe(before + 1);
    await other.until((line) => line.includes('"queue_remaining":0'), from);
    const recorded = recordedStream(recordedCase(file, 'prompt without client_id'), 'N(no clientId)');
    const once = (lines: readonly string[]): string[] =>
      lines.filter((line, index) => line !== lines[index - 1] || line.startsWith('status'));
    same(once(other.since(from)), once(recorded));
    // Gone in the middle of a job, and back: the count, the node, then live events.
    const reconnected = recordedStream(recordedCase(file, 'drop mid-run and reconnect'), 'R2');
    emulator.set({ jobMs: 1500, cache: 'none' });
    const b = await open('rc');
    await post(emulator.url, '/prompt', { prompt: diffusionGraph(3, 6), client_id: 'rc' });
    await b.until((line) => line.startsWith('progress {'));
    await b.close();
    const again = await open('rc');
    await again.until(isEnd);
    same(again.lines.slice(0, 2), reconnected.slice(0, 2));
    same(again.lines.slice(-4), reconnected.slice(-4));
  });

  it('answers as version 0.3.64 did', async () => {
    emulator.set({ version: '0.3.64' });
    const text = recordedFile('14-version-0.3.64.txt');
    const a = await open('cA', true);
    const part = text.split(/^POST \/prompt/m)[1]!;
    const lines = part.split('\n').filter((line) => /^\s+\d+ /.test(line));
    expect(a.lines.at(-1)).toContain('{"max_upload_size":104857600,"supports_preview_metadata":true}');
    const recorded = lines.map((line) => line.trim().replace(/^\d+ /, '').replace(/ .*/s, ''));
    const own = await run(a, trivialGraph());
    expect(own.map((line) => line.replace(/ .*/s, ''))).toEqual(recorded);
    const missingNode = await post(emulator.url, '/prompt', { prompt: { '1': { class_type: 'NoSuch', inputs: {} } } });
    expect(text).toContain(pythonJson(missingNode.json));
    expect(
      (await post(emulator.url, '/prompt', { prompt: trivialGraph('v'), prompt_id: 'custom-id-1' })).json['prompt_id'],
    ).toBe('custom-id-1');
    expect((await get(emulator.url, '/api/jobs')).status).toBe(404);
    expect(await post(emulator.url, '/api/jobs/x/cancel', {})).toMatchObject({
      status: 405,
      text: '405: Method Not Allowed',
    });
    expect(text).toContain(pythonJson((await get(emulator.url, '/features')).json));
  });
});

/** JSON with the spaces that Python writes. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, content]) => `${JSON.stringify(name)}: ${pythonJson(content)}`)
    .join(', ')}}`;
}
