/**
 * Who holds a row, a claim or a permit: one client in one process. Liveness is judged by the store: at once where the
 * process is known to be gone on this host, else by the heartbeat's age.
 */
export interface Owner {
  /** Unique: `<host>/<boot>/<pid>/<start>/<nonce>`. */
  readonly id: string;
  readonly host: string;
  /** Identifies this boot of the host, so that a pid of an earlier boot is not taken for a live one. */
  readonly boot: string;
  readonly pid: number;
  /** When the process started, in a unit of the host's own, so that a reused pid is told apart. */
  readonly start: string;
  readonly nonce: string;
}
