import { BlockList, isIP } from 'node:net';

function subnets(list: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const result = new BlockList();
  for (const [network, prefix] of list) result.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4');
  return result;
}

const loopback = subnets([
  ['127.0.0.0', 8],
  ['::1', 128],
]);

// Special-purpose addresses outside the public internet: the IANA registries of RFC 6890.
const notPublicIpv4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;
const notPublic = subnets([
  ...notPublicIpv4,
  // NAT64 carries an IPv4 address in the last 32 bits (RFC 6052), which decides.
  ...notPublicIpv4.map(([network, prefix]) => [`64:ff9b::${network}`, 96 + prefix] as const),
  // Other forms that carry an IPv4 address, all obsolete: local NAT64 (RFC 8215), IPv4-compatible, Teredo and 6to4.
  ['64:ff9b:1::', 48],
  ['::', 96],
  ['2001::', 32],
  ['2002::', 16],
  // Site-local, deprecated by RFC 3879.
  ['fec0::', 10],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
]);

// Local proxies (198.18.0.0/15) and carrier networks (100.64.0.0/10) answer with these for public names.
const proxyRanges = subnets([
  ['198.18.0.0', 15],
  ['100.64.0.0', 10],
]);

/** A host name or address in lower case, without brackets and final dot. */
export function plainHost(host: string): string {
  return host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}

/** Whether a host is this machine: `localhost`, names below it, 127.0.0.0/8 or ::1. */
export function isLoopbackHost(host: string): boolean {
  const name = plainHost(host);
  return name === 'localhost' || name.endsWith('.localhost') || isIn(loopback, name);
}

/**
 * Whether a host is an address that the public internet does not route (private, link-local, loopback, multicast), or this
 * machine's name. Other names are not resolved.
 */
export function isPrivateHost(host: string): boolean {
  return isLoopbackHost(host) || isIn(notPublic, plainHost(host));
}

/** Whether a resolved address leads to this machine or its network. */
export function isPrivateAnswer(address: string): boolean {
  const plain = plainHost(address);
  return isPrivateHost(plain) && !isIn(proxyRanges, plain);
}

function isIn(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
