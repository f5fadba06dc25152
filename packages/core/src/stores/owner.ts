import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Who holds a row, a claim or a permit: one client in one process. Liveness is judged by the store: at once where the
 * process is known to be gone on this host, else by the heartbeat's age.
 */
export interface Owner {
  /** Unique: `<host>/<boot>/<pid>/<start>/<nonce>`. */
  readonly id: string;
  /** The host's name and a short hash of what tells it (and its pid namespace) apart from another of the same name. */
  readonly host: string;
  /** Identifies this boot of the host, so that a pid of an earlier boot is not taken for a live one. */
  readonly boot: string;
  readonly pid: number;
  /** When the process started, in a unit of the host's own, so that a reused pid is told apart. */
  readonly start: string;
  readonly nonce: string;
}

/** How often an owner shows that it lives. */
export const heartbeatIntervalMs = 5_000;

/** How old the last sign of life may be before an owner counts as dead. */
export const ownerLeaseMs = 30_000;

/** Stands for a boot id where the system has none. */
const unknownBoot = 'none';

type ProcessIdentity = Pick<Owner, 'host' | 'boot' | 'pid' | 'start'>;

let ownIdentity: ProcessIdentity | undefined;

/** A new owner in this process. Its id alone tells everything, so stores need to keep nothing else. */
export function createOwner(): Owner {
  const identity = processIdentity();
  const nonce = randomBytes(8).toString('hex');
  const { host, boot, pid, start } = identity;
  return { id: `${host}/${boot}/${pid}/${start}/${nonce}`, ...identity, nonce };
}

/** An owner again from its id; undefined when the text is no id of this form. */
export function parseOwnerId(id: string): Owner | undefined {
  const [host, boot, pidText, start, nonce, ...rest] = id.split('/');
  if (!host || !boot || !pidText || !start || !nonce || rest.length > 0 || !/^[1-9]\d{0,9}$/.test(pidText)) {
    return undefined;
  }
  return { id, host, boot, pid: Number(pidText), start, nonce };
}

/**
 * Whether the owner's process runs: false when it is known to be gone (no such pid, a zombie, another start or another
 * boot), true when it is known to run, undefined when this host cannot tell (an owner of another host, or of a system
 * where a reused pid cannot be told apart).
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

/** The same for an id; undefined also when the id is of no known form. */
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
 * Hosts that were cloned, and containers, can share a name while their pids mean different processes: the machine id and
 * the pid namespace keep them apart, so that nobody's process is looked for in the wrong place.
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
 * Fields 3 (state) and 22 (start in clock ticks since boot) of `/proc/<pid>/stat`; the name in field 2 may hold spaces and
 * brackets. See proc_pid_stat(5).
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
