/**
 * A bar of `columns` characters. Letters of ASCII only: terminals set to Chinese may draw block characters two columns wide.
 *
 * @param fraction Between 0 and 1; undefined = unknown: a piece moves to and fro.
 * @param elapsedMs Where the piece is.
 */
export function drawBar(columns: number, fraction: number | undefined, elapsedMs = 0): string {
  const inner = Math.max(1, columns - 2);
  if (fraction !== undefined) {
    const filled = Math.round(Math.min(1, Math.max(0, fraction)) * inner);
    return `[${'#'.repeat(filled)}${'.'.repeat(inner - filled)}]`;
  }
  const piece = Math.min(3, inner);
  const way = inner - piece;
  const step = Math.floor(elapsedMs / wanderMs);
  // To the right and back.
  const at = way === 0 ? 0 : way - Math.abs((step % (2 * way)) - way);
  return `[${'.'.repeat(at)}${'#'.repeat(piece)}${'.'.repeat(way - at)}]`;
}

const wanderMs = 240;
