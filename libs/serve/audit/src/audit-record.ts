import { type KubeObject, type Status, goQuote, microTimeText } from '@reckon/api/machinery';
import type { UserInfo } from '@reckon/registry/generic';
import type { AuditEvent } from './audit-event';
import type { AuditStage } from './audit-policy';
import type { Auditor } from './auditor';
import type { AuditDecision, AuditedInfo } from './evaluate-policy';
import { withoutManagedFields } from './without-managed-fields';

/** A request as the event shows it: before impersonation. */
export interface AuditedRequest {
  readonly id: string;
  readonly user: UserInfo;
  readonly info: AuditedInfo;
  /** Path and query as they came. */
  readonly uri: string;
  readonly userAgent: string;
  readonly sourceIps: readonly string[];
  /** API time, with a fraction of a millisecond. */
  readonly receivedMs: number;
  /** Milliseconds since then. */
  elapsedMs(): number;
  /** Watches and streams: their answer's beginning is an event of its own. */
  readonly isLongRunning: boolean;
}

interface ObjectReference {
  resource: string;
  namespace: string;
  name: string;
  uid: string;
  apiGroup: string;
  apiVersion: string;
  resourceVersion: string;
  subresource: string;
}

/** Of a reference, after its resource, in upstream's order. */
const laterFields = ['namespace', 'name', 'uid', 'apiGroup', 'apiVersion', 'resourceVersion', 'subresource'] as const;

const longestUserAgent = 1024;

/**
 * What is known of one request so far, and its events (apiserver/pkg/audit `AuditContext`).
 *
 * stages: RequestReceived → (ResponseStarted, of long answers) → ResponseComplete or Panic
 */
export class AuditRecord {
  private readonly reference: ObjectReference | undefined;
  /** What is the same in all events, as JSON. */
  private readonly id: string;
  private readonly who: string;
  private readonly whence: string;
  private readonly annotations = new Map<string, string>();
  private impersonatedUser: UserInfo | undefined;
  private impersonationConstraint = '';
  private requestText: string | undefined;
  private response: { readonly document: object } | { readonly bytes: Buffer } | undefined;
  private status: Partial<Status> | undefined;
  private code = 0;
  private receivedTime: string | undefined;
  private isStarted = false;
  private isOver = false;

  constructor(
    private readonly auditor: Auditor,
    private readonly decision: AuditDecision,
    private readonly request: AuditedRequest,
  ) {
    const { info } = request;
    this.id = JSON.stringify(request.id);
    this.who =
      `"requestURI":${JSON.stringify(request.uri)},"verb":${JSON.stringify(info.verb)},` +
      `"user":${auditor.userText(request.user)},`;
    this.whence =
      (request.sourceIps.length === 0 ? '' : `"sourceIPs":${JSON.stringify(request.sourceIps)},`) +
      (request.userAgent === '' ? '' : `"userAgent":${JSON.stringify(shortened(request.userAgent))},`);
    if (!info.isResource) return;
    this.reference = {
      resource: info.resource,
      namespace: info.namespace,
      name: info.name,
      uid: '',
      apiGroup: info.group,
      apiVersion: info.version,
      resourceVersion: '',
      subresource: info.subresource,
    };
  }

  /** Bodies of requests are kept. */
  get keepsRequest(): boolean {
    return this.decision.level === 'Request' || this.decision.level === 'RequestResponse';
  }

  get keepsResponse(): boolean {
    return this.decision.level === 'RequestResponse';
  }

  /** Of resources and of discovery; other documents (OpenAPI, metrics) are no objects. */
  private get hasObjects(): boolean {
    return this.reference !== undefined || /^\/apis?(?:\/|$)/.test(this.request.info.path);
  }

  /** The request has come and nothing was done yet. False: it must not be served, since it cannot be written down. */
  received(): boolean | Promise<boolean> {
    return this.emit('RequestReceived');
  }

  /** `constraint`: the verb of the way by which it was allowed; '' for the old one. */
  impersonated(user: UserInfo, constraint = ''): void {
    this.impersonatedUser = user;
    this.impersonationConstraint = constraint;
  }

  /** The first value of a key stays. */
  annotate(key: string, value: string, level: 'Metadata' | 'Request' = 'Metadata'): void {
    if (level === 'Request' && !this.keepsRequest) return;
    if (!this.annotations.has(key)) this.annotations.set(key, value);
  }

  /** The decoded body, before anything is made of it: names what the path does not. */
  requestObject(object: Partial<KubeObject>): void {
    const { metadata } = object;
    const { reference } = this;
    if (reference !== undefined && metadata !== undefined) {
      reference.namespace ||= textOf(metadata.namespace);
      reference.name ||= textOf(metadata.name);
      reference.uid ||= textOf(metadata.uid);
      reference.resourceVersion ||= textOf(metadata.resourceVersion);
    }
    if (this.keepsRequest) this.requestText = this.textOf(object);
  }

  /** The body of a patch, parsed. */
  requestPatch(patch: unknown): void {
    if (this.keepsRequest) this.requestText = JSON.stringify(patch);
  }

  /** What is answered: an object, a list, a table or a Status. */
  responseDocument(document: object): void {
    const { kind, status } = document as { kind?: unknown; status?: unknown };
    if (kind === 'Status' && typeof status === 'string') this.status = document;
    if (this.keepsResponse && this.hasObjects) this.response = { document };
  }

  /** What is answered, as JSON. */
  responseBytes(bytes: Buffer): void {
    if (this.keepsResponse && this.hasObjects && this.response === undefined) this.response = { bytes };
  }

  /** Of a refused credential, which no Status tells about. */
  message(message: string): void {
    this.status = { message };
  }

  /** Headers of the answer are out. */
  started(code: number): void {
    this.code = code;
    if (this.isStarted || !this.request.isLongRunning) return;
    this.isStarted = true;
    this.emitLate('ResponseStarted');
  }

  completed(code: number): void {
    if (this.isOver) return;
    this.isOver = true;
    this.code = code;
    if (code === 0) {
      this.code = 200;
      this.status = { status: 'Success', message: 'Connection closed early' };
    }
    if (this.request.isLongRunning && !this.isStarted) this.started(this.code);
    this.emitLate('ResponseComplete');
  }

  /** The server failed at it, by its own fault. */
  panicked(message: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.code = 500;
    this.response = undefined;
    this.status = { status: 'Failure', message: `APIServer panic'd: ${message}`, reason: 'InternalError' };
    this.emitLate('Panic');
  }

  /** One event, whatever the stage: of a request that never came to be audited. */
  only(stage: AuditStage, code: number): void {
    this.isOver = true;
    this.code = code;
    this.emitLate(stage);
  }

  private emitLate(stage: AuditStage): void {
    void this.emit(stage);
  }

  private emit(stage: AuditStage): boolean | Promise<boolean> {
    if (this.decision.omits.has(stage)) return true;
    return this.auditor.process(this.eventOf(stage));
  }

  private eventOf(stage: AuditStage): AuditEvent {
    const { request } = this;
    const received = (this.receivedTime ??= timeOf(request.receivedMs));
    const now = stage === 'RequestReceived' ? received : timeOf(request.receivedMs + request.elapsedMs());
    const times = `"requestReceivedTimestamp":"${received}","stageTimestamp":"${now}"`;
    const before = this.before(stage);
    const objects = this.objects(stage);
    const after = `${times}${this.annotationsText(false)}}`;
    return {
      body: `${before}${objects}${after}`,
      short: objects === '' ? undefined : () => `${before}${times}${this.annotationsText(true)}}`,
      legacy: this.auditor.isLegacyAsked ? this.legacyLine(stage) : '',
    };
  }

  private before(stage: AuditStage): string {
    let text = `"level":"${this.decision.level}","auditID":${this.id},"stage":"${stage}",${this.who}`;
    if (this.impersonatedUser !== undefined)
      text += `"impersonatedUser":${this.auditor.userText(this.impersonatedUser)},`;
    if (this.impersonationConstraint !== '')
      text += `"authenticationMetadata":{"impersonationConstraint":${JSON.stringify(this.impersonationConstraint)}},`;
    text += this.whence;
    if (this.reference !== undefined) text += `"objectRef":${referenceText(this.reference)},`;
    if (stage !== 'RequestReceived') text += `"responseStatus":${this.statusText()},`;
    return text;
  }

  private statusText(): string {
    const { status } = this;
    if (status === undefined) return `{"metadata":{},"code":${String(this.code)}}`;
    const { status: word, message, reason, details } = status;
    return JSON.stringify({
      metadata: {},
      status: word,
      message: message === '' ? undefined : message,
      reason,
      details,
      code: this.code,
    });
  }

  private objects(stage: AuditStage): string {
    if (stage === 'RequestReceived') return '';
    const request = this.requestText === undefined ? '' : `"requestObject":${this.requestText},`;
    if (this.response === undefined || stage === 'ResponseStarted') return request;
    return `${request}"responseObject":${this.responseText(this.response)},`;
  }

  private responseText(response: NonNullable<AuditRecord['response']>): string {
    if ('document' in response) return this.textOf(response.document);
    const text = response.bytes.toString().trimEnd();
    return this.decision.omitManagedFields ? this.textOf(JSON.parse(text) as object) : text;
  }

  private textOf(object: object): string {
    return JSON.stringify(this.decision.omitManagedFields ? withoutManagedFields(object) : object);
  }

  private annotationsText(isTruncated: boolean): string {
    const entries = [...this.annotations];
    if (isTruncated) entries.push(['audit.k8s.io/truncated', 'true']);
    if (entries.length === 0) return '';
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `,"annotations":{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  }

  /** apiserver/pkg/audit `EventString`. */
  private legacyLine(stage: AuditStage): string {
    const { request, impersonatedUser: as } = this;
    const list = (values: readonly string[]): string => goQuote(values.map(goQuote).join(','));
    const { user, info } = request;
    const groups = user.name === '' || user.groups.length === 0 ? '"<none>"' : list(user.groups);
    const asGroups = as === undefined ? '"<lookup>"' : list(as.groups);
    const namespace = this.reference?.namespace ?? '';
    const response = stage === 'RequestReceived' ? '<deferred>' : String(this.code);
    const time = timeOf(request.receivedMs).replace(/\.?0+Z$/, 'Z');
    return (
      `${time} AUDIT: id=${goQuote(request.id)} stage=${goQuote(stage)} ip=${goQuote(request.sourceIps[0] ?? '<unknown>')} ` +
      `method=${goQuote(info.verb)} user=${goQuote(user.name === '' ? '<none>' : user.name)} groups=${groups} ` +
      `as=${goQuote(as?.name ?? '<self>')} asgroups=${asGroups} user-agent=${goQuote(shortened(request.userAgent))} ` +
      `namespace=${goQuote(namespace === '' ? '<none>' : namespace)} uri=${goQuote(request.uri)} response="${response}"\n`
    );
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const shortened = (agent: string): string =>
  agent.length > longestUserAgent ? `${agent.slice(0, longestUserAgent)}...TRUNCATED` : agent;

/** Without empty fields; twice as fast as a replacer. */
function referenceText(reference: ObjectReference): string {
  let text = `{"resource":${JSON.stringify(reference.resource)}`;
  for (const field of laterFields) {
    const value = reference[field];
    if (value !== '') text += `,"${field}":${JSON.stringify(value)}`;
  }
  return `${text}}`;
}

function timeOf(ms: number): string {
  const whole = Math.floor(ms);
  return microTimeText(whole, Math.floor((ms - whole) * 1000));
}
