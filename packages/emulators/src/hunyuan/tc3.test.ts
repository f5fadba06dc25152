import { describe, expect, it } from 'vitest';
import { hashCanonicalRequest, parseAuthorization, signHash, verifySignature } from './tc3.ts';
import type { SignedRequest } from './tc3.ts';

const sample: SignedRequest = {
  method: 'POST',
  query: '',
  headers: {
    'content-type': 'application/json; charset=utf-8',
    host: 'cvm.tencentcloudapi.com',
    'x-tc-action': 'describeinstances',
  },
  body: Buffer.from(String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`),
  timestamp: '1551113065',
};
const image: SignedRequest = {
  method: 'POST',
  query: '',
  headers: {
    'content-type': 'application/json',
    host: 'aiart.tencentcloudapi.com',
    'x-tc-action': 'SubmitTextToImageJob',
  },
  body: Buffer.from('{"Prompt":"雨中竹林","Resolution":"1024:1024","Seed":7,"LogoAdd":0,"Revise":0}'),
  timestamp: '1767225600',
};
const imageSignature = '5675cffde3d7d0a3ee83930eab7d7b8cd1d6b00491ef64aebe1f749fbc009db2';
const imageSignatureWithAction = '4f21977d83f98a8514ba9400570e3fb2a3d4fc2051241ea05896b4dea28189c7';
const imageKey = 'not-a-real-secret-key';

function authorize(signature: string, headers = 'content-type;host', day = '2026-01-01'): string {
  return `TC3-HMAC-SHA256 Credential=AKIDTESTTESTTEST/${day}/aiart/tc3_request, SignedHeaders=${headers}, Signature=${signature}`;
}

function verify(request: SignedRequest, header: string, key = imageKey): boolean {
  const authorization = parseAuthorization(header);
  return authorization !== undefined && verifySignature(request, authorization, key);
}

describe('TC3-HMAC-SHA256', () => {
  it('agrees with the published sample of two signed headers', () => {
    const hash = hashCanonicalRequest(sample, ['content-type', 'host']);
    expect(hash).toBe('5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031');
    expect(signHash(hash, 'Gu5t9xGARNpq86cd98joQYCN3*******', sample.timestamp, '2019-02-25', 'cvm')).toBe(
      '2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c',
    );
    expect(signHash(hash, 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE', sample.timestamp, '2019-02-25', 'cvm')).toBe(
      '72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
    );
  });

  it('agrees with the published sample of three signed headers', () => {
    const hash = hashCanonicalRequest(sample, ['content-type', 'host', 'x-tc-action']);
    expect(hash).toBe('7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84');
    expect(signHash(hash, '*'.repeat(32), sample.timestamp, '2019-02-25', 'cvm')).toBe(
      '10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
    );
  });

  it('verifies an image request, with and without the action among the signed headers', () => {
    expect(hashCanonicalRequest(image, ['content-type', 'host'])).toBe(
      'ec96ec764834fb629cb685feeab4d3b9c2b97b13a7f86457bf40a7972c07fd11',
    );
    expect(verify(image, authorize(imageSignature))).toBe(true);
    expect(verify(image, authorize(imageSignatureWithAction, 'content-type;host;x-tc-action'))).toBe(true);
  });

  it('takes the host with or without its port', () => {
    const withPort = { ...image, headers: { ...image.headers, host: 'aiart.tencentcloudapi.com:8080' } };
    expect(verify(withPort, authorize(imageSignature))).toBe(true);
  });

  it('notices another body, key, time, day or list of headers', () => {
    expect(verify({ ...image, body: Buffer.from('{"Prompt":"雨中竹林"}') }, authorize(imageSignature))).toBe(false);
    expect(verify(image, authorize(imageSignature), 'another key')).toBe(false);
    expect(verify({ ...image, timestamp: '1767225601' }, authorize(imageSignature))).toBe(false);
    expect(verify(image, authorize(imageSignature, 'content-type;host', '2026-01-02'))).toBe(false);
    expect(verify(image, authorize(imageSignature, 'content-type;host;x-tc-action'))).toBe(false);
  });

  it('refuses an Authorization header of another form', () => {
    for (const header of ['', 'SKIP', 'Bearer sk-1', authorize('00'), authorize(imageSignature, 'host')])
      expect(parseAuthorization(header)).toBeUndefined();
  });
});
