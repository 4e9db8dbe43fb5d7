export const logFormats = ['text', 'json'] as const;

/** One line for a person, or one JSON object, per entry. */
export type LogFormat = (typeof logFormats)[number];
