import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { startOpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkspace } from '../cli/support/holodeck.ts';
import type { FinishedRun, Workspace } from '../cli/support/holodeck.ts';
import { planted, secretsIn } from './support/planted-services.ts';

const { secretId, secretKey, openaiKey, comfyHeader, proxyPassword } = planted;
/** A proxy at a port without a server. Services on this machine are reached without it. */
const proxy = `http://user:${proxyPassword}@127.0.0.1:9`;

let workspace: Workspace;
const runs: (FinishedRun & { readonly command: string })[] = [];

beforeAll(async () => {
  workspace = await openWorkspace({ secretId, secretKey });
  const openai = await startOpenAIEmulator({ apiKey: openaiKey, imageMs: 0 });
  const env = {
    OPENAI_API_KEY: openaiKey,
    OPENAI_BASE_URL: openai.baseURL,
    COMFYUI_URL: `http://user:${comfyHeader}@127.0.0.1:9`,
    COMFYUI_HEADERS: `X-API-Key: ${comfyHeader}`,
    HOLODECK_BACKENDS: 'hunyuan,openai,comfyui',
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
  };
  const run = async (args: readonly string[], changes: Readonly<Record<string, string>> = {}): Promise<void> => {
    runs.push({ command: args.join(' '), ...(await workspace.run(args, { env: { ...env, ...changes } })) });
  };
  try {
    const told = `${secretId} and ${secretKey}`;
    workspace.emulator.setFaults([
      {
        kind: 'refuse',
        code: 'OperationDenied.TextIllegalDetected',
        message: `Refused: ${told}`,
        operation: 'submit',
        nth: 2,
      },
      { kind: 'wrong-content', body: `<html>${told}</html>`, operation: 'download', nth: 1 },
    ]);
    const objects = ['--object', 'lamp: brass desk lamp', '--object', 'shelf: oak shelf'];
    await run(['scene', 'an attic', ...objects, '--session', 'attic', '--json']);
    workspace.emulator.setFaults([]);
    await run(['scene', 'an attic', ...objects, '--session', 'attic', '--json']);
    openai.setFaults([
      {
        kind: 'refuse',
        code: 'invalid_api_key',
        message: `Wrong key: ${openaiKey}, not ${secretKey} or ${comfyHeader}`,
        operation: 'generate',
        nth: 1,
      },
    ]);
    await run(['generate', 'a lamp', '--backend', 'openai', '--out', 'lamps/lamp.png']);
    await run(['generate', 'a chair', '--backend', 'openai', '--out', 'lamps/chair.png', '--json']);
    await run(['generate', 'a table', '--backend', 'openai', '--out', 'lamps/table.png'], {
      OPENAI_BASE_URL: 'http://images.example.invalid/v1',
    });
    await run(['generate', 'a door', '--backend', 'comfyui', '--out', 'lamps/door.png']);
    for (const args of [
      ['doctor'],
      ['doctor', '--json'],
      ['jobs', '--out', 'lamps', '--json'],
      ['sessions', 'show', 'attic'],
    ])
      await run(args);
    await run(['doctor'], { COMFYUI_HEADERS: `{"X-API-Key": ${comfyHeader}` });
    expect(runs.at(-1)?.stdout).toContain('COMFYUI_HEADERS is neither');
  } finally {
    await openai.close();
  }
});

afterAll(() => workspace.close());

it('writes no secret to stdout or stderr', () => {
  for (const { command, stdout, stderr } of runs) {
    expect(secretsIn(stdout), `${command}: ${stdout}`).toEqual([]);
    expect(secretsIn(stderr), `${command}: ${stderr}`).toEqual([]);
  }
  // The faults were reported, and the runs after them succeeded.
  const codes = runs.map(({ exitCode }) => exitCode);
  expect(codes.slice(0, 4)).toEqual([1, 0, 3, 0]);
  expect(runs[0]?.stderr).toContain('***');
});

/** Every file below the folder, the user's state folder among them. */
function files(): readonly string[] {
  return readdirSync(workspace.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

it('keeps no secret in any file', () => {
  const names = files().map((file) => relative(workspace.folder, file).split(sep).join('/'));
  for (const name of [
    'output/attic/session.html',
    'output/attic/manifest.json',
    'output/.holodeck/store.sqlite',
    'lamps/chair.png',
  ])
    expect(names).toContain(name);
  expect(names.some((name) => name.startsWith('.home/'))).toBe(true);
  for (const file of files()) expect(secretsIn(readFileSync(file, 'latin1')), file).toEqual([]);
});

it.skipIf(process.platform === 'win32')('lets no other user read its state', () => {
  const state = files().filter((file) => /\/(?:\.holodeck|\.local\/state)\//.test(file));
  expect(state.length).toBeGreaterThan(2);
  for (const file of state) expect((statSync(file).mode & 0o077).toString(8), file).toBe('0');
});
