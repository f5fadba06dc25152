import type { Clock } from '../../internal/clock.ts';
import type { DurationRecord, LearnedRecord, LearnedUpdate } from '../permit-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** What clients have measured and learned about lanes. Call it inside a transaction or a read. */
export class SqliteLearned {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  durations(lane: string): DurationRecord[] {
    const rows = this.#database.all(
      'SELECT kind, durationsMs FROM durations WHERE lane = ? ORDER BY measuredAtMs',
      lane,
    );
    return rows.map((row) => ({ key: String(row['kind']), durationsMs: readDurations(String(row['durationsMs'])) }));
  }

  keepDurations(lane: string, { key, durationsMs }: DurationRecord): void {
    this.#database.run(
      'INSERT OR REPLACE INTO durations (lane, kind, durationsMs, measuredAtMs) VALUES (?, ?, ?, ?)',
      lane,
      key,
      JSON.stringify(durationsMs),
      this.#clock.now(),
    );
  }

  record(lane: string, about: string): LearnedRecord | undefined {
    const row = this.#database.first(
      'SELECT learned, revision, keptAtMs FROM learned WHERE lane = ? AND about = ?',
      lane,
      about,
    );
    if (row === undefined) return undefined;
    // The clock may have been set back.
    const ageMs = Math.max(0, this.#clock.now() - Number(row['keptAtMs']));
    return { learned: String(row['learned']), revision: Number(row['revision']), ageMs };
  }

  /** Writes what was learned; false if another client was faster. */
  keep({ lane, about, learned, revision }: LearnedUpdate): boolean {
    const now = this.#clock.now();
    if (revision === 0) {
      const insert = `INSERT INTO learned (lane, about, learned, revision, keptAtMs) VALUES (?, ?, ?, 1, ?)
        ON CONFLICT (lane, about) DO NOTHING`;
      return this.#database.run(insert, lane, about, learned, now) === 1;
    }
    const update = `UPDATE learned SET learned = ?, revision = revision + 1, keptAtMs = ?
      WHERE lane = ? AND about = ? AND revision = ?`;
    return this.#database.run(update, learned, now, lane, about, revision) === 1;
  }
}

function readDurations(text: string): number[] {
  let durations: unknown;
  try {
    durations = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(durations) ? durations.filter((value) => typeof value === 'number' && value > 0) : [];
}
