import { LineView } from './line-view.ts';
import { LiveView } from './live-view.ts';
import type { ProgressView } from './progress-view.ts';

const silentView: ProgressView = {
  onEvent: () => undefined,
  expect: () => undefined,
  nameTasks: () => undefined,
  note: () => undefined,
  aside: (write) => write(),
  close: () => undefined,
};

/**
 * The view that fits: a live one on a terminal, lines on a pipe, nothing with `quiet` (errors still appear: commands write
 * those themselves).
 */
export function createProgressView(options: { readonly quiet: boolean }): ProgressView {
  if (options.quiet) return silentView;
  const { stderr, env } = process;
  const live = stderr.isTTY && env['TERM'] !== 'dumb' && env['CI'] !== 'true';
  return live ? new LiveView(stderr) : new LineView(stderr);
}
