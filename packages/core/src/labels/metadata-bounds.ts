/** A longer part of a file is not read: labels have a few thousand bytes. */
export const mostPartBytes = 131_072;

/** A file with more parts than this is not read on. */
export const mostParts = 200_000;
