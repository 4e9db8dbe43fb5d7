import { type AuditBackend, AuditBackendError } from '../audit-backend';
import type { AuditEvent } from '../audit-event';

export interface TruncateOptions {
  /** Bytes of an event; a larger one loses its objects, and is lost if that does not help. */
  readonly maxEventSize: number;
  /** Bytes of events that are handed on together. */
  readonly maxBatchSize: number;
}

/** What stands around the body of an event. */
const frameBytes = 48;

/** plugin/pkg/audit/truncate */
export function truncatingBackend(
  target: AuditBackend,
  { maxEventSize, maxBatchSize }: TruncateOptions,
  lost: (plugin: string, error: unknown, count: number) => void,
): AuditBackend {
  return {
    name: target.name,
    process(events) {
      const waits: Promise<void>[] = [];
      let batch: AuditEvent[] = [];
      let batchSize = 0;
      const hand = (): void => {
        if (batch.length === 0) return;
        const pending = target.process(batch);
        if (pending !== undefined) waits.push(pending);
        batch = [];
        batchSize = 0;
      };
      for (const event of events) {
        let fitting = event;
        let size = sizeOf(event);
        if (size > maxEventSize && event.short !== undefined) {
          fitting = { ...event, body: event.short(), short: undefined };
          size = sizeOf(fitting);
        }
        if (size > maxEventSize) {
          lost('truncate', new AuditBackendError('truncate', 'event is too large even after truncating'), 1);
          continue;
        }
        if (batchSize + size > maxBatchSize) hand();
        batch.push(fitting);
        batchSize += size;
      }
      hand();
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
    },
    stop: () => target.stop(),
  };
}

const sizeOf = ({ body }: AuditEvent): number => frameBytes + Buffer.byteLength(body);
