/** A wait never ends at the instant it was decided: rounding must not make the owner's timer spin. */
export const shortestWaitMs = 0.1;
