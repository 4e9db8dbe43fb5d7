const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A text that holds what a client sent, so that no browser takes it for a page (responsewriters `sanitizer`). */
export const withoutMarkup = (text: string): string => text.replace(/[&<>]/g, (c) => escapes[c] ?? c);
