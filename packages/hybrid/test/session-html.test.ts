import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createHybridClient } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { driver, hybrid as withoutReport, scene } from './support/hybrid.ts';
import { closing, outputFolder } from './support/output-folder.ts';

const hybrid: typeof withoutReport = (outputDir, services, options) =>
  withoutReport(outputDir, services, { report: true, ...options });
const objects = [
  { id: 'a', name: '<script>alert("x")</script>', description: '& more' },
  { id: '面碗', name: '面碗' },
];

it('shows every picture with its origin and cost, without other files', async () => {
  const service = new FakeService('one');
  const outputDir = await outputFolder();
  const client = hybrid(outputDir, [service], { prices: { one: { perImage: 0.5, currency: 'CNY' } } });
  await client.generateSceneReference({ ...scene, style: '水彩' });
  await client.generateObjectCards({ sessionId: 's', objects });
  service.onSubmit = () => faults.contentPolicy;
  await client.generateObjectCard({ sessionId: 's', object: { id: 'bad', name: 'bad' } });
  const html = await readFile(join(outputDir, 's', 'session.html'), 'utf8');
  expect(html.match(/<img src="data:image\/webp;base64,/g)).toHaveLength(3);
  expect(html).toContain('1.5 CNY');
  expect(html).toContain('content-policy, rejected：Not allowed.');
  for (const { jobId, request } of service.jobs) {
    expect(html).toContain(jobId);
    expect(html).toContain(String(request.seed));
  }
  expect(html).toContain('<a href="contact-sheet.png">');
  expect(html).toContain('<summary>提示词与来源</summary>');
  // Names stay text, and the page fetches nothing.
  expect(html).not.toMatch(/<script|src="(?!data:)|url\(/);
  expect(html).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;');
  expect(html).toContain('href="cards/%E9%9D%A2%E7%A2%97.png"');
});

it('is in the language of the scene', async () => {
  const pages = await Promise.all(
    ['雨夜的面馆', 'A noodle bar'].map(async (sceneText) => {
      const outputDir = await outputFolder();
      await hybrid(outputDir, [new FakeService('one')]).generateSceneReference({ ...scene, sceneText });
      return readFile(join(outputDir, 's', 'session.html'), 'utf8');
    }),
  );
  expect(pages[0]).toContain('<html lang="zh-CN">');
  expect(pages[0]).toContain('<h2>场景参考图</h2>');
  expect(pages[0]).not.toMatch(/Scene reference|Paid submissions/);
  expect(pages[1]).toContain('<html lang="en">');
  expect(pages[1]).toContain('<h2>Scene reference</h2>');
});

it.each([
  ['en', 'A long corridor with <many> doors. ', 'The whole text of the scene'],
  ['zh', '一条有许多<门>的长走廊。', '场景全文'],
])('has a short heading for a long scene, and the whole text on demand (%s)', async (_language, sentence, summary) => {
  const outputDir = await outputFolder();
  const sceneText = sentence.repeat(10_000 / sentence.length);
  const backends = [new FakeService('one').backend({ capabilities: { maxPromptLength: 20_000 } })];
  const client = closing(createHybridClient({ backends, outputDir, client: driver, cards: false }));
  expect(await client.generateSceneReference({ ...scene, sceneText })).toMatchObject({ success: true });
  const html = await readFile(join(outputDir, 's', 'session.html'), 'utf8');
  const heading = /<h1>(.*)<\/h1>/.exec(html)?.[1] ?? '';
  expect(heading).toMatch(/…$/);
  expect(heading.length).toBeLessThan(200);
  const escaped = sceneText.replaceAll('<', '&#60;').replaceAll('>', '&#62;');
  expect(html).toContain(`<details><summary>${summary}</summary><p class="scene">${escaped}</p></details>`);
});

it('is not written if nothing has changed or if it is turned off', async () => {
  const service = new FakeService('one');
  const outputDir = await outputFolder();
  const client = hybrid(outputDir, [service]);
  await client.generateSceneReference(scene);
  const before = await stat(join(outputDir, 's', 'session.html'));
  await client.generateSceneReference(scene);
  expect((await stat(join(outputDir, 's', 'session.html'))).ino).toBe(before.ino);
  const bare = await outputFolder();
  await hybrid(bare, [service], { report: false }).generateSceneReference(scene);
  await expect(stat(join(bare, 's', 'session.html'))).rejects.toMatchObject({ code: 'ENOENT' });
});
