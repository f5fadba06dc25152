/** `PRAGMA application_id` of the store of an output folder: "HoSt" in ASCII. */
export const storeApplicationId = 0x48_6f_53_74;

/** `PRAGMA application_id` of the permits of a machine: "HoPe" in ASCII. */
export const permitsApplicationId = 0x48_6f_50_65;

/**
 * Schema of the store, one entry for each version. Never edit a released entry; add another. Tasks that are not done have
 * their own index, so that finding open tasks does not read finished ones.
 */
export const storeMigrations: readonly string[] = [
  `
  CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    taskId TEXT NOT NULL,
    requestHash TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    paid INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    backend TEXT NOT NULL,
    model TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    lane TEXT NOT NULL,
    owner TEXT,
    createdAtMs NUMERIC NOT NULL,
    acceptedAtMs NUMERIC,
    endedAtMs NUMERIC,
    updatedAtMs NUMERIC NOT NULL,
    outputPath TEXT,
    handle TEXT,
    images TEXT,
    error TEXT,
    warnings TEXT,
    usage TEXT,
    metadata TEXT,
    request TEXT NOT NULL,
    UNIQUE (scope, taskId, requestHash, attempt)
  );
  CREATE INDEX tasksNotDone ON tasks (id) WHERE state <> 'done';
  CREATE TABLE owners (
    id TEXT PRIMARY KEY,
    heartbeatAtMs NUMERIC NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE sessions (
    number INTEGER PRIMARY KEY,
    sessionId TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  CREATE TABLE assets (
    number INTEGER PRIMARY KEY,
    sessionId TEXT NOT NULL,
    assetId TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (sessionId, assetId)
  );
  CREATE TABLE events (
    sessionId TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    atMs NUMERIC NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (sessionId, sequence)
  ) WITHOUT ROWID;
  `,
  // Answers leave the rows, which stay small, and nothing looks a row up by its key.
  `
  CREATE TABLE tasksOfTwo (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    taskId TEXT NOT NULL,
    requestHash TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    paid INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    backend TEXT NOT NULL,
    model TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    lane TEXT NOT NULL,
    owner TEXT,
    createdAtMs NUMERIC NOT NULL,
    acceptedAtMs NUMERIC,
    endedAtMs NUMERIC,
    updatedAtMs NUMERIC NOT NULL,
    outputPath TEXT,
    handle TEXT,
    images TEXT,
    error TEXT,
    warnings TEXT,
    usage TEXT,
    metadata TEXT,
    request TEXT NOT NULL,
    UNIQUE (scope, taskId, requestHash, attempt)
  );
  INSERT INTO tasksOfTwo SELECT * FROM tasks;
  DROP TABLE tasks;
  ALTER TABLE tasksOfTwo RENAME TO tasks;
  CREATE INDEX tasksNotDone ON tasks (id) WHERE state <> 'done';
  CREATE TABLE answers (
    task INTEGER PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
    answer TEXT NOT NULL
  );
  INSERT INTO answers SELECT id, json_extract(handle, '$.answer') FROM tasks
    WHERE json_valid(handle) AND json_extract(handle, '$.answer') IS NOT NULL;
  UPDATE tasks SET handle = json_remove(handle, '$.answer') WHERE id IN (SELECT task FROM answers);
  `,
];

/** Schema of the permits file, one entry for each version. */
export const permitsMigrations: readonly string[] = [
  `
  CREATE TABLE permits (
    lane TEXT NOT NULL,
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    renewedAtMs NUMERIC NOT NULL,
    PRIMARY KEY (lane, key)
  ) WITHOUT ROWID;
  CREATE TABLE lanes (
    lane TEXT PRIMARY KEY,
    releases INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE rates (
    lane TEXT NOT NULL,
    kind TEXT NOT NULL,
    nextAtMs REAL NOT NULL,
    seenAtMs REAL NOT NULL,
    PRIMARY KEY (lane, kind)
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE waiters (
    lane TEXT NOT NULL,
    owner TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    askedAtMs NUMERIC NOT NULL,
    PRIMARY KEY (lane, owner)
  ) WITHOUT ROWID;
  CREATE TABLE durations (
    lane TEXT NOT NULL,
    kind TEXT NOT NULL,
    durationsMs TEXT NOT NULL,
    measuredAtMs NUMERIC NOT NULL,
    PRIMARY KEY (lane, kind)
  ) WITHOUT ROWID;
  `,
  // Permits from before phases were stored count as running.
  `
  ALTER TABLE permits ADD COLUMN ticket INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE permits ADD COLUMN phase TEXT NOT NULL DEFAULT 'running';
  CREATE TABLE learned (
    lane TEXT NOT NULL,
    about TEXT NOT NULL,
    learned TEXT NOT NULL,
    revision INTEGER NOT NULL,
    keptAtMs NUMERIC NOT NULL,
    PRIMARY KEY (lane, about)
  ) WITHOUT ROWID;
  `,
];
