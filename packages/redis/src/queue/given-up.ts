/** A job fails after so many workers died while they ran it. */
export const mostDeaths = 3;

/** BullMQ's reason for a job whose workers died. */
export const givenUpReason = 'job stalled more than allowable limit';
