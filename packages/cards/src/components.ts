/** A rectangle of pixels; `right` and `bottom` are exclusive. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Connected regions of one value in a map, as horizontal runs of pixels. */
export interface Components {
  readonly count: number;
  /** In pixels, by component. */
  readonly areas: Int32Array;
  /** Left, top, right, bottom by component, four numbers each. */
  readonly boxes: Int32Array;
  readonly runCount: number;
  /** Index of a run's first pixel in the map. */
  readonly starts: Int32Array;
  /** One past a run's last pixel. */
  readonly ends: Int32Array;
  /** The component of a run. */
  readonly labels: Int32Array;
}

export function boxOf(components: Components, index: number): Box {
  const [left = 0, top = 0, right = 0, bottom = 0] = components.boxes.subarray(index * 4, index * 4 + 4);
  return { left, top, right, bottom };
}

/** The smallest box around both. */
export function unite(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** Runs of pixels, row by row. */
interface Runs {
  count: number;
  starts: Int32Array<ArrayBuffer>;
  ends: Int32Array<ArrayBuffer>;
  /** Another run of the same component, nearer to its root; a root has itself. */
  parents: Int32Array<ArrayBuffer>;
}

/** Finds the regions of pixels that have `value`; with `diagonal`, corners connect too. */
export function labelComponents(
  map: Uint8Array,
  value: number,
  { width, height }: { readonly width: number; readonly height: number },
  diagonal: boolean,
): Components {
  const runs = { count: 0, starts: new Int32Array(4096), ends: new Int32Array(4096), parents: new Int32Array(4096) };
  const reach = diagonal ? 1 : 0;
  let above = 0;
  for (let y = 0; y < height; y++) {
    const first = runs.count;
    addRow(runs, map, value, y * width, width, reach, above);
    above = first;
  }
  return collect(runs, width);
}

/** Adds the runs of a row, and connects them with those of the row above, which begin with the run `above`. */
function addRow(
  runs: Runs,
  map: Uint8Array,
  value: number,
  rowStart: number,
  width: number,
  reach: number,
  above: number,
): void {
  const rowEnd = rowStart + width;
  const aboveEnd = runs.count;
  let at = rowStart;
  while (at < rowEnd) {
    while (at < rowEnd && map[at] !== value) at += 1;
    if (at === rowEnd) return;
    const start = at;
    while (at < rowEnd && map[at] === value) at += 1;
    const run = addRun(runs, start, at);
    const { starts, ends, parents } = runs;
    while (above < aboveEnd && ends[above]! + width + reach <= start) above += 1;
    for (let touching = above; touching < aboveEnd && starts[touching]! + width < at + reach; touching++) {
      const mine = rootOf(parents, run);
      const other = rootOf(parents, touching);
      if (mine < other) parents[other] = mine;
      else parents[mine] = other;
    }
  }
}

function addRun(runs: Runs, start: number, end: number): number {
  const run = runs.count++;
  if (run === runs.starts.length) {
    runs.starts = grown(runs.starts);
    runs.ends = grown(runs.ends);
    runs.parents = grown(runs.parents);
  }
  runs.starts[run] = start;
  runs.ends[run] = end;
  runs.parents[run] = run;
  return run;
}

function rootOf(parents: Int32Array, run: number): number {
  let root = run;
  while (parents[root]! !== root) root = parents[root]!;
  for (let next = run; next !== root;) {
    const above = parents[next]!;
    parents[next] = root;
    next = above;
  }
  return root;
}

function collect({ count: runCount, starts, ends, parents }: Runs, width: number): Components {
  const labels = new Int32Array(runCount);
  let count = 0;
  // A root has the lowest number of its tree, so that it is met before its other runs.
  for (let run = 0; run < runCount; run++) {
    const root = rootOf(parents, run);
    labels[run] = root === run ? count++ : labels[root]!;
  }
  const areas = new Int32Array(count);
  const boxes = new Int32Array(count * 4);
  for (let run = 0; run < runCount; run++) {
    const label = labels[run]!;
    const [start, end] = [starts[run]!, ends[run]!];
    const y = Math.floor(start / width);
    const left = start - y * width;
    const right = end - y * width;
    const at = label * 4;
    if (areas[label] === 0) {
      boxes[at] = left;
      boxes[at + 1] = y;
      boxes[at + 2] = right;
    } else {
      if (left < boxes[at]!) boxes[at] = left;
      if (right > boxes[at + 2]!) boxes[at + 2] = right;
    }
    boxes[at + 3] = y + 1;
    areas[label]! += end - start;
  }
  return { count, areas, boxes, runCount, starts, ends, labels };
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
