import type { AuditBackend } from '../audit-backend';
import { type AuditEvent, eventLine } from '../audit-event';

export interface MemoryBackend extends AuditBackend {
  /** Events as their JSON says, in order. */
  readonly events: Record<string, unknown>[];
  readonly batches: AuditEvent[][];
  isStopped: boolean;
  /** Set: events are refused with it. */
  refusal: Error | undefined;
}

/** Keeps what it is given. */
export function memoryBackend(): MemoryBackend {
  const backend: MemoryBackend = {
    name: 'memory',
    events: [],
    batches: [],
    isStopped: false,
    refusal: undefined,
    process(events) {
      if (backend.refusal !== undefined) return Promise.reject(backend.refusal);
      backend.batches.push([...events]);
      for (const event of events) backend.events.push(JSON.parse(eventLine(event)) as Record<string, unknown>);
      return Promise.resolve();
    },
    stop() {
      backend.isStopped = true;
      return Promise.resolve();
    },
  };
  return backend;
}

/** An event as a backend gets it, with a body of about so many bytes. */
export const eventOf = (id: string, bytes = 0, short?: string): AuditEvent => ({
  body: `"auditID":"${id}","pad":"${'x'.repeat(bytes)}"}`,
  short: short === undefined ? undefined : () => `"auditID":"${id}","pad":"${short}"}`,
  legacy: `${id}\n`,
});
