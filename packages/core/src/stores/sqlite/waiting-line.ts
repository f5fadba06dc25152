import type { SqliteDatabase } from './sqlite-database.ts';

/** An owner that has not asked again for this long has left the line. */
const staleMs = 3_000;

/**
 * The owners that wait for permits of a lane, longest wait first: each gets its turn, however many permits another one wants.
 * Call it inside a transaction.
 */
export class WaitingLine {
  readonly #database: SqliteDatabase;
  readonly #isGone: (owner: string) => boolean;

  constructor(database: SqliteDatabase, isGone: (owner: string) => boolean) {
    this.#database = database;
    this.#isGone = isGone;
  }

  /** How many other owners come first. */
  ahead(lane: string, owner: string, nowMs: number): number {
    const rows = this.#database.all('SELECT owner, ticket, askedAtMs FROM waiters WHERE lane = ?', lane);
    const own = Number(rows.find((row) => row['owner'] === owner)?.['ticket'] ?? Number.POSITIVE_INFINITY);
    let ahead = 0;
    for (const row of rows) {
      const other = String(row['owner']);
      if (other === owner || Number(row['ticket']) > own) continue;
      // `abs`: the clock may have been set back.
      const gone = Math.abs(nowMs - Number(row['askedAtMs'])) > staleMs || this.#isGone(other);
      if (gone) this.leave(lane, other);
      else ahead += 1;
    }
    return ahead;
  }

  /** Takes a place at the end, or keeps the owner's place. */
  join(lane: string, owner: string, nowMs: number): void {
    // No numbered parameters: node:sqlite of the oldest supported Node does not bind them by position.
    this.#database.run(
      `INSERT INTO waiters (lane, owner, ticket, askedAtMs)
       VALUES (?, ?, (SELECT coalesce(max(ticket), 0) + 1 FROM waiters WHERE lane = ?), ?)
       ON CONFLICT (lane, owner) DO UPDATE SET askedAtMs = excluded.askedAtMs`,
      lane,
      owner,
      lane,
      nowMs,
    );
  }

  leave(lane: string, owner: string): void {
    this.#database.run('DELETE FROM waiters WHERE lane = ? AND owner = ?', lane, owner);
  }
}
