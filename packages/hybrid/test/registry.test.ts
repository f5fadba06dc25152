import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cardsWithRemover, createHybridClientFromEnv } from '../src/index.ts';
import {
  builtinBackendNames,
  builtinDefinitions,
  loadRegistry,
  parseBackendList,
  priceListOf,
  readBackend,
  readBackends,
  secretValues,
} from '../src/registry/index.ts';
import { PostcardServer } from '../../conformance/examples/postcard-server.ts';
import { scene } from './support/hybrid.ts';
import { closing, outputFolder } from './support/output-folder.ts';

const postcard = fileURLToPath(new URL('../../conformance/examples/postcard-definition.ts', import.meta.url));

describe('HOLODECK_BACKENDS', () => {
  it.each(['comfyui,Hunyuan', ' comfyui ; hunyuan', 'comfyui>hunyuan>', 'comfyui hunyuan comfyui'])('%j', (list) => {
    expect(parseBackendList(list).map(({ text }) => text)).toEqual(['comfyui', 'hunyuan']);
  });

  it('distinguishes modules, whose case it keeps, from names', () => {
    expect(parseBackendList('OpenAI,./My.ts,@acme/Postcard,C:\\my.ts,../x.js,pack/definition')).toEqual([
      { text: 'openai', isModule: false },
      ...['./My.ts', '@acme/Postcard', 'C:\\my.ts', '../x.js', 'pack/definition'].map((text) => ({
        text,
        isModule: true,
      })),
    ]);
  });

  it('selects and orders the built-in backends; without it, all are selected', async () => {
    const { definitions, selected, isExplicit } = await loadRegistry({});
    expect(definitions.map(({ name }) => name)).toEqual(['hunyuan', 'openai', 'comfyui']);
    expect(definitions.map(({ name }) => name)).toEqual(builtinBackendNames);
    expect([selected, isExplicit]).toEqual([definitions, false]);
    const chosen = await loadRegistry({ HOLODECK_BACKENDS: 'comfyui>openai' });
    expect(chosen.selected.map(({ name }) => name)).toEqual(['comfyui', 'openai']);
    expect(chosen).toMatchObject({ isExplicit: true, problems: [] });
  });

  it('names every entry without a backend, and continues with the others', async () => {
    const folder = await outputFolder();
    const write = async (name: string, code: string): Promise<string> => {
      await writeFile(join(folder, name), code);
      return join(folder, name);
    };
    const broken = await write('broken.mjs', 'throw new Error("out of\\norder");');
    const empty = await write('empty.mjs', 'export const backend = {};');
    const double = await write(
      'double.mjs',
      `export const definition = { name: 'openai', label: { en: '', zh: '' }, whenAbsent: { en: '', zh: '' }, variables: [], configure() {} };`,
    );
    const half = await write('half.mjs', `export const definition = { name: 'half', label: { en: 'Half' } };`);
    const list = ['hunyaun', 'openai', broken, empty, double, half, './missing.ts', '@acme/missing'].join(',');
    const { selected, problems } = await loadRegistry({ HOLODECK_BACKENDS: list });
    expect(selected.map(({ name }) => name)).toEqual(['openai']);
    expect(problems.map(({ entry }) => entry)).toEqual(list.split(',').filter((entry) => entry !== 'openai'));
    const said = problems.map(({ error }) => error.message);
    expect(said[0]).toContain('"hunyaun", which is not known. It may list hunyuan, openai, comfyui');
    expect(problems[0]?.error).toMatchObject({ kind: 'invalid-request', code: 'unknown-backend' });
    expect(said[1]).toContain('it cannot be loaded (out of).');
    expect(said[2]).toContain('it exports no `definition`');
    expect(said[3]).toContain('"openai" belongs to another backend');
    expect(said[4]).toContain('its label and whenAbsent');
    expect(said[5]).toContain('./missing.ts, which is not a backend: it cannot be loaded');
    expect(said[6]).toContain('@acme/missing');
    await expect(readBackends({ HOLODECK_BACKENDS: list })).rejects.toThrow(/hunyaun/);
  });
});

describe("a third party's backend", () => {
  it('is available once it is named, by a relative or absolute path', async () => {
    for (const path of [postcard, `./${relative('.', postcard)}`]) {
      const { definitions, selected } = await loadRegistry({ HOLODECK_BACKENDS: `openai,${path}` });
      expect(definitions.map(({ name }) => name)).toEqual(['hunyuan', 'openai', 'comfyui', 'postcard']);
      expect(selected.map(({ name }) => name)).toEqual(['openai', 'postcard']);
    }
  });

  it('makes a session at its own price', async () => {
    const server = await new PostcardServer().start();
    try {
      const environment = { HOLODECK_BACKENDS: postcard, POSTCARD_URL: server.url, POSTCARD_KEY: server.key };
      const options = {
        environment,
        probeTimeoutMs: 60_000,
        maxCost: { EUR: 0.4 },
        cards: false,
        report: false,
      } as const;
      const poor = closing(createHybridClientFromEnv({ ...options, outputDir: await outputFolder() }));
      expect(await poor.generateSceneReference(scene)).toMatchObject({ success: false, error: { kind: 'budget' } });
      expect(server.posts).toBe(0);
      const rich = closing(
        createHybridClientFromEnv({ ...options, maxCost: { EUR: 0.5 }, outputDir: await outputFolder() }),
      );
      expect(await rich.generateSceneReference(scene)).toMatchObject({ success: true, backend: 'postcard' });
      expect(server.posts).toBe(1);
    } finally {
      server.close();
    }
  });

  it('that cannot be loaded is reported, and never skipped', async () => {
    const environment = { HOLODECK_BACKENDS: 'openai,./missing.ts', OPENAI_API_KEY: 'sk-1' };
    const client = closing(createHybridClientFromEnv({ environment, outputDir: await outputFolder() }));
    await expect(client.availability()).rejects.toThrow(/\.\/missing\.ts, which is not a backend/);
  });
});

describe('the configuration in the environment', () => {
  it.each(builtinBackendNames)('%s is absent without its variables, and says what to set', async (name) => {
    const definition = (await builtinDefinitions()).find((one) => one.name === name)!;
    expect(await readBackend(definition, { PATH: '/bin' })).toEqual({ definition, status: 'absent' });
    const [variable] = definition.variables;
    expect(definition.whenAbsent.en).toContain(`${variable?.name} `);
    expect(definition.whenAbsent.zh).toContain(variable?.name);
  });

  it('a backend without variables is always configured', async () => {
    const [first] = await builtinDefinitions();
    const setup = { create: () => Promise.reject(new Error('not made here')) };
    const definition = { ...first!, variables: [], configure: () => setup };
    expect(await readBackend(definition, {})).toEqual({ definition, status: 'configured', setup });
  });

  it.each([
    ['imgly', /npm install @imgly\/background-removal-node/],
    ['photoshop', /HOLODECK_BACKGROUND_REMOVER is "photoshop"/],
  ])('a background remover that cannot be had is refused before anything is opened: %s', (name, reason) => {
    const environment = { HOLODECK_BACKGROUND_REMOVER: name };
    expect(() => createHybridClientFromEnv({ environment })).toThrow(reason);
    expect(() => createHybridClientFromEnv({ environment, cards: { side: 512 } })).toThrow(reason);
  });

  it('an empty background remover is none', () => {
    expect(cardsWithRemover({ side: 512 }, { HOLODECK_BACKGROUND_REMOVER: ' ' })).toEqual({ side: 512 });
    expect(cardsWithRemover(false, { HOLODECK_BACKGROUND_REMOVER: 'imgly' })).toBe(false);
  });

  it('a wrong value is a finding', async () => {
    const readings = await readBackends({
      HUNYUAN_SECRET_ID: 'AKIDREALLOOKING1234',
      OPENAI_API_KEY: 'sk-1',
      COMFYUI_URL: '<url>',
    });
    expect(readings.map(({ status }) => status)).toEqual(['wrong', 'configured', 'absent']);
  });

  it('names all secrets, also those within headers and addresses, and no other value', async () => {
    const definitions = await builtinDefinitions();
    const secrets = (environment: Record<string, string>): Promise<readonly string[]> =>
      secretValues(definitions, environment);
    expect(
      await secrets({
        HUNYUAN_SECRET_ID: ' AKIDsecret ',
        HUNYUAN_SECRET_KEY: 'your_secret_key',
        HUNYUAN_REGION: 'ap-beijing',
        OPENAI_API_KEY: 'sk-1',
        PATH: '/bin',
      }),
    ).toEqual(['AKIDsecret', 'sk-1']);
    expect(await secrets({ COMFYUI_HEADERS: 'Authorization: Bearer abcdef' })).toEqual([
      'Authorization: Bearer abcdef',
      'Bearer abcdef',
      'abcdef',
    ]);
    const several = '{"X-Key": "one-secret", "X-Other":"two-secret"}';
    expect(await secrets({ COMFYUI_HEADERS: several })).toEqual([several, 'one-secret', 'two-secret']);
    expect(await secrets({ COMFYUI_URL: 'http://a:1,http://me:p%40ss@b:1' })).toEqual(['p%40ss', 'p@ss']);
  });

  it("the caller's prices win over those of a definition", () => {
    const price = (perImage: number) => ({ perImage, currency: 'EUR' });
    const backend = { name: 'postcard', prices: { postcard: price(1), 'postcard/two': price(2) } };
    expect(priceListOf([backend])).toEqual(backend.prices);
    expect(priceListOf([backend], { postcard: price(3) })).toEqual({ postcard: price(3) });
    expect(priceListOf([backend], { 'postcard/two': price(3) })).toEqual({
      postcard: price(1),
      'postcard/two': price(3),
    });
  });
});
