/** After so many workers have died with a job in hand, nobody takes it again. */
export const mostDeaths = 3;

/** Why BullMQ gives up a job whose workers died. */
export const givenUpReason = 'job stalled more than allowable limit';
