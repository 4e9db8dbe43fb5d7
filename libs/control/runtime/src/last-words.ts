/** Once a recorder is stopped, what waits is written for this long: whoever stops may have a lease to give back. */
export const lastWordsMs = 1_000;
