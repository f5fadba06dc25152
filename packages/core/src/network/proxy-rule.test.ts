import { describe, expect, test } from 'vitest';
import { proxyFor } from './proxy-rule.ts';

const secure = { host: 'api.example.com', port: 443, secure: true };
const plain = { host: 'api.example.com', port: 80, secure: false };

describe('which variable', () => {
  test.each([
    [{ https_proxy: 'http://p:1' }, secure, 'p:1'],
    [{ HTTPS_PROXY: 'http://p:1' }, secure, 'p:1'],
    [{ https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:2' }, secure, 'low:1'],
    [{ https_proxy: '  ', HTTPS_PROXY: 'http://up:2' }, secure, 'up:2'],
    [{ HTTP_PROXY: 'http://p:1' }, secure, undefined],
    [{ HTTP_PROXY: 'http://p:1' }, plain, 'p:1'],
    [{ http_proxy: 'p.corp:3128' }, plain, 'p.corp:3128'],
    [{ http_proxy: 'http://p.corp' }, plain, 'p.corp:80'],
    [{ http_proxy: 'https://p.corp' }, plain, 'p.corp:443'],
    [{ http_proxy: 'http://[fd00::1]:8080' }, plain, 'fd00::1:8080'],
    [{}, secure, undefined],
  ])('%o for %o gives %s', (environment, endpoint, expected) => {
    const proxy = proxyFor(endpoint, environment);
    expect(proxy && `${proxy.host}:${proxy.port}`).toBe(expected);
  });

  test('TLS to the proxy and its credentials, decoded', () => {
    const proxy = proxyFor(secure, { https_proxy: 'https://us%40er:p%3Ass@p.corp:8443' });
    expect(proxy).toEqual({
      host: 'p.corp',
      port: 8443,
      secure: true,
      authorization: `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`,
    });
  });
});

describe('NO_PROXY', () => {
  const hit = (noProxy: string, host: string, port = 443): boolean =>
    proxyFor({ host, port, secure: true }, { https_proxy: 'http://p:1', NO_PROXY: noProxy }) === undefined;

  test.each([
    ['example.com', 'example.com', true],
    ['example.com', 'api.example.com', true],
    ['.example.com', 'api.example.com', true],
    ['*.example.com', 'api.example.com', true],
    ['EXAMPLE.com', 'Api.Example.COM.', true],
    ['example.com', 'notexample.com', false],
    ['other, example.com', 'example.com', true],
    ['other example.com', 'example.com', true],
    ['*', 'anything.test', true],
    ['example.com:443', 'example.com', true],
    ['example.com:8443', 'example.com', false],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3:443', '10.1.2.3', true],
    ['10.0.0.0/99', '10.1.2.3', false],
    ['fd00::/8', 'fd00::5', true],
    ['[fd00::5]', 'fd00::5', true],
    ['[fd00::5]:443', '[fd00::5]', true],
    ['[fd00::5]:444', '[fd00::5]', false],
    ['.', 'example.com', false],
    [',', 'example.com', false],
    ['', 'example.com', false],
  ])('%s against %s: %s', (noProxy, host, expected) => {
    expect(hit(noProxy, host)).toBe(expected);
  });
});

test.each(['localhost', 'a.localhost', '127.0.0.1', '127.8.9.1', '::1', '[::1]', '::ffff:127.0.0.1'])(
  '%s is always reached directly',
  (host) => {
    for (const isSecure of [true, false]) {
      const environment = { http_proxy: 'http://p:1', https_proxy: 'http://p:1', NO_PROXY: '' };
      expect(proxyFor({ host, port: 80, secure: isSecure }, environment)).toBeUndefined();
    }
  },
);

test.each([
  ['socks5://user:secret@p:1080', 'socks5'],
  ['http://', 'is not the address of a proxy'],
  ['http://user:secret@:80:80', 'is not the address of a proxy'],
])('a useless value is named without its content: %s', (value, expected) => {
  let message = '';
  try {
    proxyFor(secure, { https_proxy: value });
  } catch (error) {
    message = error instanceof Error ? error.message : '';
  }
  expect(message).toContain('HTTPS_PROXY');
  expect(message).toContain(expected);
  expect(message).not.toContain('secret');
});
