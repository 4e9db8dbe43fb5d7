import type { AuditBackend } from '../audit-backend';
import { type AuditEvent, eventLine } from '../audit-event';

export interface LineWriter {
  write(text: string): Promise<void>;
  stop(): Promise<void>;
}

/** A line per event, as JSON or in upstream's old format. */
export function logBackend(lines: LineWriter, format: 'json' | 'legacy'): AuditBackend {
  const lineOf = format === 'json' ? eventLine : (event: AuditEvent) => event.legacy;
  return {
    name: 'log',
    process: (events) => {
      const [only] = events;
      return lines.write(events.length === 1 && only !== undefined ? lineOf(only) : events.map(lineOf).join(''));
    },
    stop: () => lines.stop(),
  };
}

/** Lines to a stream that is not ours to end: standard output. */
export const streamLines = (stream: NodeJS.WritableStream): LineWriter => ({
  write: (text) =>
    new Promise((resolve, reject) => {
      stream.write(text, (error) => {
        if (error == null) resolve();
        else reject(error);
      });
    }),
  stop: () => Promise.resolve(),
});
