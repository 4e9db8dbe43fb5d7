/** One event as the backends get it: made once, whoever takes it. */
export interface AuditEvent {
  /** The JSON of `audit.k8s.io/v1` Event after its kind and apiVersion, with the closing brace. */
  readonly body: string;
  /** The same without request and response objects; only events that may have some. To be called at once. */
  readonly short: (() => string) | undefined;
  /** One line in upstream's old format; '' unless a backend asked for it. */
  readonly legacy: string;
}

/** As an element of a list: there the list says what it holds. */
export const listItem = (event: AuditEvent): string => `{${event.body}`;

export const eventLine = (event: AuditEvent): string =>
  `{"kind":"Event","apiVersion":"audit.k8s.io/v1",${event.body}\n`;
