import { HistoryError } from './history-error';

const longestReason = 500;

/** What an import says of a line that it cannot take. */
export function notAnExport(line: number, why: string, cause?: unknown): HistoryError {
  const reason = visible(why);
  return new HistoryError(
    'NotAnExport',
    `line ${line}: ${reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason}`,
    'Only what `reckon export` wrote can be imported, whole and unchanged. Nothing was imported.',
    cause === undefined ? {} : { cause },
  );
}

/** A reason quotes the file: its bytes must not move the cursor of who reads it, nor turn the direction of the text. */
const visible = (text: string): string =>
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (control) => {
    const code = control.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
