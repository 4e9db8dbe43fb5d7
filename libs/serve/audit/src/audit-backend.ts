import type { Running } from '@reckon/kernel';
import type { AuditEvent } from './audit-event';

/** Where events go. */
export interface AuditBackend extends Running {
  /** As the error metric names it. */
  readonly name: string;
  /** Resolves when they are out of our hands; rejects when they are lost. Undefined: nobody need wait. Never throws. */
  process(events: readonly AuditEvent[]): Promise<void> | undefined;
}

/** A backend refused or lost events. */
export class AuditBackendError extends Error {
  readonly code = 'AuditBackend';
  constructor(
    readonly plugin: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'AuditBackendError';
  }
}
