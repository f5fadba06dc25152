import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inspectImage } from '@holodeck/core/backend';
import { paintPng } from '@holodeck/emulators';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { createChatJudge, createHybridClientFromEnv, judgeFromEnvironment, readManifest } from '../src/index.ts';
import type { HybridClient, HybridOptions, JudgeQuestion, Manifest, ObjectCardResult } from '../src/index.ts';
import { chatServer, goodAnswer, says } from './support/chat-server.ts';
import type { ChatServer } from './support/chat-server.ts';
import { FakeService } from './support/fake-service.ts';
import { hybrid, scene } from './support/hybrid.ts';
import { closing, outputFolder } from './support/output-folder.ts';

const lamp = { id: 'lamp', name: 'lamp', description: 'brass desk lamp' };
const request = { sessionId: 's', objects: [lamp] };

let chat: ChatServer;
let service: FakeService;
let outputDir: string;
beforeEach(async () => {
  [chat, outputDir] = await Promise.all([chatServer(), outputFolder()]);
  service = new FakeService('one');
  service.picture = ({ prompt, seed = 0 }) => paintPng({ width: 512, height: 512, prompt, seed, kind: 'object' });
});

function start(options: Partial<HybridOptions> = {}): HybridClient {
  const judge = createChatJudge({ url: chat.url, model: 'eyes-1', apiKey: 'sk-judge-0123456789' });
  return hybrid(outputDir, [service], { judge, ...options });
}

async function makeCard(client: HybridClient): Promise<ObjectCardResult> {
  expect(await client.generateSceneReference(scene)).toMatchObject({ success: true });
  return client.generateObjectCard({ sessionId: 's', object: lamp });
}

/** What kept the judge from looking. */
function excuse({ warnings }: ObjectCardResult): string {
  return warnings.find(({ feature }) => feature === 'judge')?.message ?? '';
}

describe('a judge over a chat endpoint', () => {
  it('is shown the card and the scene, and its verdict is kept', async () => {
    const client = start({ prices: { judge: { perImage: 0.02, currency: 'CNY' } }, report: true });
    const card = await makeCard(client);
    const cost = { paidSubmissions: 1, amount: 0.02, currency: 'CNY' };
    expect(card).toMatchObject({ success: true, judgement: { ...goodAnswer, model: 'eyes-1', cost } });
    expect(excuse(card)).toBe('');
    const [asked] = chat.requests;
    expect(asked).toMatchObject({
      path: '/v1/chat/completions',
      authorization: 'Bearer sk-judge-0123456789',
      body: { model: 'eyes-1' },
    });
    const [words, ...pictures] = asked!.body.messages[1].content;
    expect(words?.text).toMatch(
      /The object: lamp\. brass desk lamp\nThe side: front\. .* The second picture is the scene\./,
    );
    const images = pictures.map(({ image_url: image }) =>
      inspectImage(Buffer.from(image!.url.split(',')[1]!, 'base64')),
    );
    expect(images).toMatchObject([{ mediaType: 'image/jpeg' }, { mediaType: 'image/jpeg' }]);

    const folder = join(outputDir, 's');
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const schema = createRequire(import.meta.url)('../manifest.schema.json') as object;
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile<Manifest>(schema);
    validate(manifest);
    expect(validate.errors).toBeNull();
    expect((await readManifest(folder)).assets[1]).toMatchObject({ judgement: goodAnswer });
    expect(await readFile(join(folder, 'session.html'), 'utf8')).toContain(goodAnswer.reason);
    expect(await client.spending()).toMatchObject({ submissions: 3 });
  });

  it('is asked once about the same bytes, by whichever client, also when only the folder is left', async () => {
    const first = await makeCard(start());
    const again = await start().generateObjectCards(request);
    expect(again).toMatchObject([{ judgement: goodAnswer }]);
    await rm(join(outputDir, '.holodeck'), { recursive: true, force: true });
    expect(await start().generateObjectCards(request)).toMatchObject([{ judgement: goodAnswer }]);
    expect(chat.requests).toHaveLength(1);

    // Other bytes are judged; the first ones, made again with their seed, are known.
    const session = start().session('s');
    const other = await session.regenerate('lamp', { seed: 7 });
    expect(chat.requests).toHaveLength(2);
    const seed = first.success ? (first.seed ?? 0) : 0;
    const back = await session.regenerate('lamp', { seed });
    expect(back.success && first.success && back.sha256 === first.sha256).toBe(true);
    expect([other, back]).toMatchObject([{ judgement: goodAnswer }, { judgement: goodAnswer }]);
    expect(chat.requests).toHaveLength(2);
  });

  it('has its tokens charged, and is not asked beyond the budget', async () => {
    const perMillionTokens = { input: 10, output: 100 };
    const prices = {
      one: { perImage: 1, currency: 'CNY' },
      judge: { perImage: 0.5, currency: 'CNY', perMillionTokens },
    };
    const client = start({ prices, maxCost: 2.3 });
    const refused = await makeCard(client);
    expect(refused).toMatchObject({ success: true });
    expect(refused.success && refused.judgement).toBeUndefined();
    expect(excuse(refused)).toMatch(/The judge has not looked at this card: .*2\.5 CNY/);
    expect(chat.requests).toHaveLength(0);

    const [judged] = await start({ prices, maxCost: 0.6 }).generateObjectCards(request);
    // 1000 tokens of 10 and 100 of 100 a million.
    expect(judged).toMatchObject({ source: 'resumed', judgement: { cost: { amount: 0.02, currency: 'CNY' } } });

    // What has no price does not fit into a limit.
    const unpriced = await start({ prices: { one: prices.one }, maxCost: 9 })
      .session('s')
      .regenerate('lamp');
    expect(unpriced).toMatchObject({ success: true });
    expect(excuse(unpriced)).toMatch(/judge.* price/);
    expect(chat.requests).toHaveLength(1);
  });

  it('is not asked about a card that fails the gate', async () => {
    service.picture = ({ prompt, seed = 0 }) => paintPng({ width: 512, height: 512, prompt, seed, kind: 'scene' });
    expect(await makeCard(start({ cards: {}, gateAttempts: 0 }))).toMatchObject({ gate: { status: 'failed' } });
    expect(chat.requests).toHaveLength(0);
  });
});

describe('a judge that fails harms no card', () => {
  const replies: readonly (readonly [string, ChatServer['reply'], RegExp, boolean | 'either'])[] = [
    ['a refusal', (response) => response.writeHead(401).end('{}'), /status 401/, true],
    ['a fault', (response) => response.writeHead(500).end('oops'), /status 500/, false],
    ['a redirect', (response) => response.writeHead(307, { location: 'http://192.0.2.1/' }).end(), /status 307/, false],
    ['a cut', (response) => response.destroy(), /broke off/, false],
    [
      'an answer without an end',
      (response) => {
        response.writeHead(200);
        for (let part = 0; part < 20; part += 1) response.write(Buffer.alloc(65_536, 32));
      },
      /more than 1048576 bytes/,
      false,
    ],
    ['silence', () => undefined, /did not answer in time/, 'either'],
  ];
  it.each(replies)('%s', async (name, reply, words, isFree) => {
    chat.reply = reply;
    const judge = createChatJudge({ url: chat.url, model: 'eyes-1', ...(name === 'silence' ? { timeoutMs: 50 } : {}) });
    const client = start({ judge });
    const card = await makeCard(client);
    expect(card).toMatchObject({ success: true, attempts: 1 });
    expect(excuse(card)).toMatch(words);
    // Refused questions are free; others may have been charged. A wait may end before its question is on the way.
    const { submissions } = await client.spending();
    if (isFree !== 'either') expect(submissions).toBe(isFree ? 2 : 3);
    expect((await readManifest(join(outputDir, 's'))).assets[1]).toMatchObject({ state: 'current' });
  });

  it('what it does not say is null, and is not asked again, as it is paid for', async () => {
    chat.reply = says('It is a lamp, I think. {"look": 7, "showsObject": "yes", "secret": 1}');
    const card = await makeCard(start());
    const nothing = { showsObject: null, oneObject: null, textOrMarks: null, look: null, reason: '' };
    expect(card).toMatchObject({ judgement: nothing });
    expect(card.success && card.judgement).not.toHaveProperty('secret');
    await start().generateObjectCards(request);
    expect(chat.requests).toHaveLength(1);
  });

  it('a function that throws, and one that never answers', async () => {
    const card = await makeCard(start({ judge: () => Promise.reject(new Error('no eyes')) }));
    expect(excuse(card)).toContain('no eyes');
    const aborting = new AbortController();
    const deaf = start({
      judge: () => {
        aborting.abort();
        return new Promise(() => undefined);
      },
    });
    const [left] = await deaf.generateObjectCards(request, { signal: aborting.signal });
    expect(left).toMatchObject({ success: true });
    expect(excuse(left!)).toContain('The judge has not looked');
  });
});

it('any function can judge, a few cards at a time', async () => {
  let [running, most] = [0, 0];
  const questions: JudgeQuestion[] = [];
  const judge = async (question: JudgeQuestion): Promise<typeof goodAnswer> => {
    questions.push(question);
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return goodAnswer;
  };
  const client = start({ judge });
  const objects = Array.from({ length: 9 }, (_unused, index) => ({ id: `lamp-${index}`, name: `lamp ${index}` }));
  const cards = await client.generateObjectCards({ sessionId: 's', objects, withoutReference: true });
  expect(cards.map((card) => card.success && card.judgement?.look)).toEqual(objects.map(() => 0.8));
  expect(most).toBeLessThanOrEqual(4);
  expect(questions.map(({ reference }) => reference)).toEqual(objects.map(() => undefined));
});

describe('from the environment', () => {
  const key = 'sk-judge-9876543210';

  it('is off without a URL, and nothing of it is stored then', async () => {
    expect(judgeFromEnvironment({ HOLODECK_JUDGE_MODEL: 'eyes-1', HOLODECK_JUDGE_KEY: key })).toBeUndefined();
    const card = await makeCard(hybrid(outputDir, [service]));
    expect(card).not.toHaveProperty('judgement');
    expect(await readFile(join(outputDir, 's', 'manifest.json'), 'utf8')).not.toContain('judgement');
  });

  it('is made by three variables, and the key stays secret', async () => {
    chat.reply = (response) => response.writeHead(400).end(key);
    const environment = { HOLODECK_JUDGE_URL: `${chat.url}/`, HOLODECK_JUDGE_MODEL: 'eyes-1', HOLODECK_JUDGE_KEY: key };
    const card = await makeCard(start({ judge: judgeFromEnvironment(environment)! }));
    expect(chat.requests).toMatchObject([{ path: '/v1/chat/completions', authorization: `Bearer ${key}` }]);
    expect(JSON.stringify(card.warnings)).not.toContain(key);
  });

  it('is refused at once when it cannot work', () => {
    const make = (variables: Record<string, string>) => (): unknown =>
      closing(createHybridClientFromEnv({ environment: variables }));
    expect(make({ HOLODECK_JUDGE_URL: chat.url })).toThrow(/HOLODECK_JUDGE_MODEL/);
    expect(make({ HOLODECK_JUDGE_URL: 'ftp://x', HOLODECK_JUDGE_MODEL: 'm' })).toThrow(/not a URL of http/);
    expect(make({ HOLODECK_JUDGE_URL: 'http://a:b@127.0.0.1', HOLODECK_JUDGE_MODEL: 'm' })).toThrow(/has a password/);
    expect(() => start({ judge: 'eyes' as never })).toThrow(/option judge .* must be a function/);
  });
});
