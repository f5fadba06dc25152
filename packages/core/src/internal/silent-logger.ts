import type { Logger } from '../contract/index.ts';

const nothing = (): void => undefined;

/** A logger that says nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
