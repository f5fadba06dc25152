import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GatewayMessage, GatewayPlan } from '../gateway/worker.ts';
import { startService } from '../peers/measure.ts';
import { spread } from '../support/bench-table.ts';
import type { BenchTable } from '../support/bench-table.ts';
import type { ProcessFigures } from '../support/process-figures.ts';
import { median } from '../support/statistics.ts';
import { inPool } from '../support/worker-pool.ts';

const [width, warmUps, images] = [4, 60, 120];
/** How long one process may take, in milliseconds. */
const patienceMs = 120_000;

async function makeOverHttp(url: string, count: number): Promise<void> {
  await inPool(Array.from({ length: count }), width, async () => {
    const answer = await fetch(`${url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'openai', prompt: 'a lamp', size: '64x64' }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The gateway answered ${answer.status}: ${text}`);
  });
}

/** The figures of a process that has warmed up. The callers of a gateway are in this process, not in that one. */
async function measureImages(plan: GatewayPlan): Promise<ProcessFigures> {
  const program = fileURLToPath(new URL('../gateway/worker.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(plan)], { execArgv: [], timeout: patienceMs, killSignal: 'SIGKILL' });
  const exited = once(child, 'exit');
  const ended = exited.then(() => Promise.reject(new Error('The process of the gateway ended without figures.')));
  ended.catch(() => undefined);
  const said = async <Value>(): Promise<Value> => {
    const [value] = (await Promise.race([once(child, 'message'), ended])) as [Value];
    return value;
  };
  const ask = <Value>(message: GatewayMessage): Promise<Value> => {
    const answer = said<Value>();
    child.send(message);
    return answer;
  };
  try {
    const url = await said<string>();
    const make = (count: number): Promise<unknown> => (plan.isGateway ? makeOverHttp(url, count) : ask(count));
    await make(warmUps);
    await ask('start');
    await make(images);
    return await ask<ProcessFigures>('end');
  } finally {
    if (child.connected) child.disconnect();
    await exited;
  }
}

/** What a synchronous request to the gateway costs beside the same image with the library. */
export async function measureGateway(rounds: number): Promise<BenchTable> {
  const library: ProcessFigures[] = [];
  const gateway: ProcessFigures[] = [];
  const { address, stop } = await startService('openai', { imageMs: 0, imageBytes: 1_000_000 });
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const isGateway of round % 2 === 0 ? [false, true] : [true, false]) {
        const plan = { url: address.url, apiKey: address.apiKey ?? '', isGateway, width };
        (isGateway ? gateway : library).push(await measureImages(plan));
      }
    }
  } finally {
    stop();
  }
  const cpu = (runs: readonly ProcessFigures[]): readonly number[] => runs.map(({ cpuMs }) => cpuMs / images);
  const row = (what: string, runs: readonly ProcessFigures[]): string[] => [
    what,
    spread(cpu(runs), 2),
    (median(cpu(runs)) / median(cpu(library))).toFixed(2),
    spread(
      runs.map(({ wallMs }) => (images * 1000) / wallMs),
      0,
    ),
    spread(
      runs.map(({ loopP99Ms }) => loopP99Ms),
      1,
    ),
  ];
  return {
    title: 'Gateway',
    note: `OpenAI images of 1 MB, ${width} at once; ${rounds} rounds in alternating order, each in a fresh process that has warmed up: its processor time per image, without that of the callers. Both keep records and a file; the gateway also answers with the image as base64. Aim: 1.3 x.`,
    header: ['what', 'CPU ms', 'x library', 'images/s', 'loop p99 ms'],
    rows: [row('@holodeck/openai', library), row('synchronous request to the gateway', gateway)],
    figures: { library, gateway },
  };
}
