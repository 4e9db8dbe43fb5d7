import type { Counter, Logger, MetricsRegistry, Monotonic, Running } from '@reckon/kernel';
import type { UserInfo } from '@reckon/registry/generic';
import { type AuditBackend, AuditBackendError } from './audit-backend';
import type { AuditEvent } from './audit-event';
import { type AuditPolicy, auditLevels } from './audit-policy';
import { AuditRecord, type AuditedRequest } from './audit-record';
import { type AuditDecision, type AuditedInfo, compilePolicy } from './evaluate-policy';

/** How a request and a backend wait for each other. */
export interface AuditSink {
  readonly backend: AuditBackend;
  /** A request whose coming cannot be written down is refused. */
  readonly isStrict: boolean;
}

export interface AuditorParts {
  readonly policy: AuditPolicy;
  readonly sinks: readonly AuditSink[];
  /** A backend writes lines in the old format. */
  readonly isLegacyAsked: boolean;
  readonly metrics: MetricsRegistry;
  readonly monotonic: Monotonic;
  readonly logger: Logger;
}

/** Losses are told this often, however many there are. */
const tellMs = 5_000;

/** Decides what is written down of each request, and hands the events to the backends. */
export class Auditor implements Running {
  readonly isLegacyAsked: boolean;
  private readonly decide: (user: UserInfo, info: AuditedInfo) => AuditDecision;
  private readonly sinks: readonly AuditSink[];
  private readonly logger: Logger;
  private readonly monotonic: Monotonic;
  private toldMs = Number.NEGATIVE_INFINITY;
  private untold = 0;
  private readonly users = new WeakMap<UserInfo, string>();
  private readonly events: (amount: number) => void;
  private readonly levels: Readonly<Record<string, (amount: number) => void>>;
  private readonly errors: Counter;
  private readonly rejected: Counter;

  constructor({ policy, sinks, isLegacyAsked, metrics, monotonic, logger }: AuditorParts) {
    this.monotonic = monotonic;
    this.isLegacyAsked = isLegacyAsked;
    this.decide = compilePolicy(policy);
    this.sinks = sinks;
    this.logger = logger;
    this.events = metrics.counter('apiserver_audit_event_total', 'Audit events that were made.').of();
    const levels = metrics.counter('apiserver_audit_level_total', 'Requests by the level at which they are audited.', [
      'level',
    ]);
    this.levels = Object.fromEntries(auditLevels.map((level) => [level, levels.of(level)]));
    this.errors = metrics.counter('apiserver_audit_error_total', 'Audit events that were lost, by what lost them.', [
      'plugin',
    ]);
    for (const { backend } of sinks) this.errors.add(0, backend.name);
    this.rejected = metrics.counter(
      'apiserver_audit_requests_rejected_total',
      'Requests that were refused because they could not be audited.',
    );
  }

  /** Undefined: nothing is written down of this one. `make` is called only for others. */
  begin(user: UserInfo, info: AuditedInfo, make: () => AuditedRequest): AuditRecord | undefined {
    const decision = this.decide(user, info);
    this.levels[decision.level]?.(1);
    return decision.level === 'None' ? undefined : new AuditRecord(this, decision, make());
  }

  /** False when a backend that must have it has not. Never rejects. */
  process(event: AuditEvent): boolean | Promise<boolean> {
    this.events(1);
    const waits: Promise<boolean>[] = [];
    for (const { backend, isStrict } of this.sinks) {
      const pending = backend.process([event]);
      if (pending === undefined) continue;
      waits.push(
        pending.then(
          () => true,
          (error: unknown) => {
            this.lost(backend.name, error, 1);
            return !isStrict;
          },
        ),
      );
    }
    if (waits.length === 0) return true;
    return waits.length === 1 && waits[0] !== undefined
      ? waits[0]
      : Promise.all(waits).then((kept) => kept.every(Boolean));
  }

  /** Events are gone: each is counted, and now and then it is told. */
  readonly lost = (plugin: string, error: unknown, count: number): void => {
    const name = error instanceof AuditBackendError ? error.plugin : plugin;
    this.errors.add(count, name);
    this.untold += count;
    const nowMs = this.monotonic.elapsedMs();
    if (nowMs - this.toldMs < tellMs) return;
    this.logger.error('audit events were lost', { plugin: name, count: this.untold, error });
    this.toldMs = nowMs;
    this.untold = 0;
  };

  refused(): void {
    this.rejected.add(1);
  }

  /** The same user asks again and again. */
  userText(user: UserInfo): string {
    let text = this.users.get(user);
    if (text === undefined) {
      const { name, uid, groups, extra } = user;
      text = JSON.stringify({
        username: name === '' ? undefined : name,
        uid: uid === '' ? undefined : uid,
        groups: groups.length === 0 ? undefined : groups,
        extra: extra === undefined || Object.keys(extra).length === 0 ? undefined : extra,
      });
      this.users.set(user, text);
    }
    return text;
  }

  async stop(): Promise<void> {
    await Promise.all(this.sinks.map(({ backend }) => backend.stop()));
  }
}
