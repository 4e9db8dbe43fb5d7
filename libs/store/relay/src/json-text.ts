import * as z from 'zod';

/** Parses the text of a foreign payload, so that what is no JSON is an issue like any other. */
export const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});
