import { generateKeyPairSync, sign } from 'node:crypto';

/** A key and a certificate in PEM, made for one test run. */
export interface LocalCertificate {
  readonly key: string;
  readonly certificate: string;
}

const tag = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  objectId: 0x06,
  text: 0x0c,
  time: 0x17,
  sequence: 0x30,
  set: 0x31,
};
// Object identifiers as they are encoded: ecdsa-with-SHA256, commonName, basicConstraints, subjectAltName.
const objectIds = {
  ecdsaSha256: '2a8648ce3d040302',
  commonName: '550403',
  basicConstraints: '551d13',
  names: '551d11',
};

/** A self-signed certificate (X.509 version 3, P-256) for these host names. */
export function createCertificate(hosts: readonly string[]): LocalCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(tag.sequence, objectId(objectIds.ecdsaSha256));
  const name = der(
    tag.sequence,
    der(tag.set, der(tag.sequence, objectId(objectIds.commonName), der(tag.text, Buffer.from(hosts[0] ?? 'test')))),
  );
  const now = Date.now();
  const names = der(tag.sequence, ...hosts.map((host) => der(0x82, Buffer.from(host))));
  const isAuthority = der(tag.sequence, der(0x01, Buffer.from([0xff])));
  const body = der(
    tag.sequence,
    der(0xa0, der(tag.integer, Buffer.from([2]))),
    der(tag.integer, Buffer.from([1])),
    algorithm,
    name,
    der(tag.sequence, time(now - 3_600_000), time(now + 86_400_000)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(tag.sequence, extension(objectIds.basicConstraints, isAuthority), extension(objectIds.names, names))),
  );
  const signature = sign('sha256', body, privateKey);
  const whole = der(tag.sequence, body, algorithm, der(tag.bits, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${whole
      .toString('base64')
      .match(/.{1,64}/g)
      ?.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function der(kind: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.byteLength;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([kind, ...head]), content]);
}

function objectId(hex: string): Buffer {
  return der(tag.objectId, Buffer.from(hex, 'hex'));
}

function extension(id: string, value: Uint8Array): Buffer {
  return der(tag.sequence, objectId(id), der(tag.octets, value));
}

function time(ms: number): Buffer {
  return der(tag.time, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}
