import { expect, test } from 'vitest';
import { isLoopbackHost, isPrivateHost } from './host-kinds.ts';

const hostOf = (url: string): string => new URL(url).hostname;

test.each([
  'http://localhost',
  'http://LOCALHOST.',
  'http://deep.localhost',
  'http://127.0.0.1',
  'http://127.1',
  'http://2130706433',
  'http://0x7f.1',
  'http://[::1]',
  'http://[::ffff:127.0.0.1]',
])('%s is this machine', (url) => {
  expect(isLoopbackHost(hostOf(url))).toBe(true);
  expect(isPrivateHost(hostOf(url))).toBe(true);
});

test.each([
  'http://10.0.0.1',
  'http://172.16.0.1',
  'http://172.31.255.255',
  'http://192.168.1.1',
  'http://169.254.169.254',
  'http://100.64.0.1',
  'http://0.0.0.0',
  'http://[::]',
  'http://[fe80::1]',
  'http://[fd12::1]',
  'http://[::ffff:10.0.0.1]',
  'http://[64:ff9b::10.0.0.1]',
  'http://[64:ff9b::169.254.169.254]',
  'http://[64:ff9b:1::8.8.8.8]',
  'http://[::10.0.0.1]',
  'http://[2002:a00:1::]',
  'http://[2001::1]',
  'http://[fec0::1]',
])('%s is private, but not this machine', (url) => {
  expect(isLoopbackHost(hostOf(url))).toBe(false);
  expect(isPrivateHost(hostOf(url))).toBe(true);
});

test.each([
  'http://example.com',
  'http://localhost.example.com',
  'http://8.8.8.8',
  'http://172.32.0.1',
  'http://[2001:4860::1]',
  // A public server as an IPv6-only network with NAT64 sees it.
  'http://[64:ff9b::8.8.8.8]',
])('%s is public', (url) => {
  expect(isPrivateHost(hostOf(url))).toBe(false);
});
