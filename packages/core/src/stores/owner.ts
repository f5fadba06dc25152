import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * The holder of a row, a claim or a permit: one client in one process. The store decides whether it is alive: at once if its
 * process is gone on this host, else by the age of its heartbeat.
 */
export interface Owner {
  /** Unique: `<host>/<boot>/<pid>/<start>/<nonce>`. */
  readonly id: string;
  /** The host's name, and a short hash of its machine id and pid namespace: other hosts can have the same name. */
  readonly host: string;
  /** The host's boot id, so that a pid from an earlier boot does not count as alive. */
  readonly boot: string;
  readonly pid: number;
  /** When the process started, in the host's own unit, to recognise a reused pid. */
  readonly start: string;
  readonly nonce: string;
}

/** How often an owner writes its heartbeat. */
export const heartbeatIntervalMs = 5_000;

/** An owner whose last heartbeat is older than this counts as dead. */
export const ownerLeaseMs = 30_000;

/** The boot id on systems that have none. */
const unknownBoot = 'none';

type ProcessIdentity = Pick<Owner, 'host' | 'boot' | 'pid' | 'start'>;

let ownIdentity: ProcessIdentity | undefined;

/** A new owner in this process. Its id holds all its fields, so a store keeps only the id. */
export function createOwner(): Owner {
  const identity = processIdentity();
  const nonce = randomBytes(8).toString('hex');
  const { host, boot, pid, start } = identity;
  return { id: `${host}/${boot}/${pid}/${start}/${nonce}`, ...identity, nonce };
}

/** Parses an owner's id; undefined if the text does not have this form. */
export function parseOwnerId(id: string): Owner | undefined {
  const [host, boot, pidText, start, nonce, ...rest] = id.split('/');
  if (!host || !boot || !pidText || !start || !nonce || rest.length > 0 || !/^[1-9]\d{0,9}$/.test(pidText)) {
    return undefined;
  }
  return { id, host, boot, pid: Number(pidText), start, nonce };
}

/**
 * Whether the owner's process runs: false if it is gone (no such pid, a zombie, another start or boot), undefined if this
 * host cannot know (an owner on another host, or a system that does not reveal a reused pid).
 */
export function isProcessAlive(owner: Pick<Owner, 'host' | 'boot' | 'pid' | 'start'>): boolean | undefined {
  const own = processIdentity();
  if (owner.host !== own.host) return undefined;
  if (owner.boot !== own.boot) return false;
  if (owner.pid === own.pid) return owner.start === own.start;
  if (!processExists(owner.pid)) return false;
  const status = readProcessStatus(owner.pid);
  if (status === undefined) return undefined;
  return status.running && status.start === owner.start;
}

/** The same for an id; undefined also if the id cannot be parsed. */
export function isOwnerProcessAlive(ownerId: string): boolean | undefined {
  const owner = parseOwnerId(ownerId);
  return owner === undefined ? undefined : isProcessAlive(owner);
}

function processIdentity(): ProcessIdentity {
  ownIdentity ??= {
    host: readHost(),
    boot: readText('/proc/sys/kernel/random/boot_id') ?? unknownBoot,
    pid: process.pid,
    start: readProcessStatus(process.pid)?.start ?? String(Math.round(performance.timeOrigin)),
  };
  return ownIdentity;
}

/**
 * Cloned hosts and containers can share a name although their pids mean different processes. The machine id and the pid
 * namespace keep them apart.
 */
function readHost(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // No such file outside Linux.
  }
  const distinction = `${readText('/etc/machine-id') ?? ''}\n${namespace}`;
  const digest = createHash('sha256').update(distinction).digest('hex').slice(0, 8);
  return `${encodeURIComponent(hostname() || 'localhost')}.${digest}`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Fields 3 (state) and 22 (start in clock ticks since boot) of `/proc/<pid>/stat`, see proc_pid_stat(5). The name in field 2
 * can contain spaces and brackets.
 */
function readProcessStatus(pid: number): { running: boolean; start: string } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const start = fields[19];
  if (state === undefined || start === undefined) return undefined;
  return { running: state !== 'Z' && state !== 'X', start };
}
