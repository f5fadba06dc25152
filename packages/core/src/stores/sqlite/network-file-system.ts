import { statfs } from 'node:fs/promises';

/** File system types of Linux's statfs(2) on which SQLite's shared memory does not work between hosts. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
]);

/** The name of a network file system by its statfs type; undefined for a local one. */
export function networkFileSystemName(type: number): string | undefined {
  return networkFileSystems.get(type >>> 0);
}

/** The name of the network file system that a folder is on; undefined if it is local or unknown. */
export async function findNetworkFileSystem(folder: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    return networkFileSystemName((await statfs(folder)).type);
  } catch {
    return undefined;
  }
}
