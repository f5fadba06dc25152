/** The guide to proxies, with real ones on this machine: they tunnel a name that exists nowhere to the emulator. */
import { startOpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

import { startProxy } from '../../packages/core/test/network/local-servers.ts';
import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.close());

it('doctor names the proxy, and an image is made through it, with the password', async () => {
  const proxy = await startProxy();
  const openai = await startOpenAIEmulator({ imageMs: 10 });
  onTestFinished(() => openai.close());
  const env = {
    HUNYUAN_SECRET_ID: undefined,
    OPENAI_API_KEY: openai.apiKey,
    OPENAI_BASE_URL: openai.baseURL.replace('127.0.0.1', 'openai.test'),
    HTTP_PROXY: `http://user:pass-word@127.0.0.1:${proxy.port}`,
  };
  const doctor = await workspace.run(['doctor'], { env });
  expect(doctor.stdout).toContain(`through the proxy 127.0.0.1:${proxy.port}`);
  expect(doctor.stdout + doctor.stderr).not.toContain('pass-word');
  const image = await workspace.run(['generate', 'a lantern', '--backend', 'openai', '--out', 'a.png'], { env });
  expect(image).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/a\.png\n$/) });
  expect(openai.ledger).toMatchObject({ submissions: 1, billed: 1 });
  const authorization = `Basic ${Buffer.from('user:pass-word').toString('base64')}`;
  expect(new Set(proxy.authorizations)).toEqual(new Set([authorization]));
  expect(proxy.plainRequests).toEqual([]);
});

it('doctor says what is wrong with a proxy, in the words of the guide', async () => {
  const said = async (proxy: string): Promise<string> => {
    const env = { HUNYUAN_ENDPOINT: 'http://hunyuan.test', HTTP_PROXY: proxy };
    const { exitCode, stdout } = await workspace.run(['doctor'], { env });
    expect(exitCode).toBe(3);
    return stdout;
  };
  const [login, refused] = await Promise.all([startProxy({ refuseWith: 407 }), startProxy({ refuseWith: 403 })]);
  expect(await said(`http://127.0.0.1:${login.port}`)).toMatch(/refused a tunnel .* with status 407/);
  expect(await said(`http://127.0.0.1:${refused.port}`)).toMatch(/refused a tunnel .* with status 403/);
  expect(await said('http://127.0.0.1:9')).toContain('Could not connect to the proxy 127.0.0.1:9');
  expect(await said('socks5://127.0.0.1:9')).toMatch(/not possible: .* names a proxy of type socks5/);
});
