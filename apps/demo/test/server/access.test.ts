import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoFixture } from '../support/demo-fixture.ts';
import { startDemo } from '../support/demo-fixture.ts';
import { callHttp, codeOf } from '../support/http-call.ts';

const json = { 'content-type': 'application/json' };

describe('reachable from this machine only', () => {
  let demo: DemoFixture;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => demo.close());

  it('needs no token, and answers to its own names only', async () => {
    expect(demo.url).toBe(`http://127.0.0.1:${demo.port}/`);
    for (const host of [`127.0.0.1:${demo.port}`, `localhost:${demo.port}`, `LOCALHOST:${demo.port}`]) {
      expect(await callHttp(demo.port, '/api/config', { headers: { host } }), host).toMatchObject({ status: 200 });
    }
    for (const host of [`evil.example:${demo.port}`, '127.0.0.1.evil.example', `localhost.evil.example`, '10.0.0.1']) {
      const answer = await callHttp(demo.port, '/api/config', { headers: { host } });
      expect([answer.status, codeOf(answer)], host).toEqual([403, 'wrong-host']);
    }
  });

  it('refuses requests that other pages make a browser send', async () => {
    const foreign: readonly Readonly<Record<string, string>>[] = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${demo.port + 1}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    ];
    for (const headers of foreign) {
      const answer = await callHttp(demo.port, '/api/sessions', {
        method: 'POST',
        headers: { ...json, ...headers },
        body: JSON.stringify({ text: 'A room that nobody asked for' }),
      });
      expect([answer.status, codeOf(answer)], JSON.stringify(headers)).toEqual([403, 'foreign-origin']);
    }
    for (const headers of foreign.slice(0, 5)) {
      const answer = await callHttp(demo.port, '/api/sessions', { headers });
      expect(answer.status, JSON.stringify(headers)).toBe(403);
    }
    expect((await callHttp(demo.port, '/api/sessions')).text).toBe('[]');
  });

  it('accepts its own page and links to it', async () => {
    const own = { origin: `http://127.0.0.1:${demo.port}`, 'sec-fetch-site': 'same-origin' };
    expect((await callHttp(demo.port, '/api/sessions', { headers: own })).status).toBe(200);
    const followed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await callHttp(demo.port, '/', { headers: followed })).status).toBe(200);
  });

  it('forbids inline scripts, foreign sources and frames on every answer', async () => {
    for (const path of ['/', '/api/config', '/nowhere', '/api/sessions/nobody']) {
      const { headers } = await callHttp(demo.port, path);
      const policy = headers['content-security-policy'] ?? '';
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).toContain("script-src 'self'");
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(policy, path).not.toMatch(/unsafe-|\*/);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['referrer-policy'], path).toBe('no-referrer');
      expect(headers['access-control-allow-origin'], path).toBeUndefined();
    }
  });
});

describe('where other machines can reach it', () => {
  let demo: DemoFixture;
  let token: string;
  beforeAll(async () => {
    demo = await startDemo({ host: '0.0.0.0' });
    token = new URL(demo.url).searchParams.get('token') ?? '';
  });
  afterAll(() => demo.close());

  it('creates its own token', () => {
    expect(token.length).toBeGreaterThanOrEqual(32);
  });

  it('refuses everything without it', async () => {
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    for (const [path, cookie] of [
      ['/', ''],
      ['/api/config', ''],
      ['/api/events', ''],
      ['/?token=', ''],
      [`/?token=${wrong}`, ''],
      [`/api/config?token=${token}`, ''],
      ['/api/config', `holodeck_demo=${wrong}`],
    ] as const) {
      const answer = await callHttp(demo.port, path, { headers: cookie === '' ? {} : { cookie } });
      expect([answer.status, codeOf(answer)], path).toEqual([401, 'token-needed']);
      expect(answer.text).not.toContain(token);
    }
  });

  it('takes it once from the address, and keeps it from scripts, history and other sites', async () => {
    const first = await callHttp(demo.port, `/?token=${token}`);
    expect(first.status).toBe(302);
    expect(first.headers.location).toBe('/');
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect((await callHttp(demo.port, '/', { headers })).status).toBe(200);
    expect((await callHttp(demo.port, '/api/config', { headers })).status).toBe(200);
    const foreign = await callHttp(demo.port, '/api/config', {
      headers: { ...headers, origin: 'http://evil.example' },
    });
    expect(codeOf(foreign)).toBe('foreign-origin');
  });
});
