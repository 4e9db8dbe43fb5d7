import { durationText, failure, StatusError } from '@reckon/api/machinery';
import type { UserInfo } from '@reckon/registry/generic';
import type { AuditRecord, Auditor } from '@reckon/serve/audit';
import type { Exchange } from '../exchange';
import { isLongRunning } from './in-flight';
import { sourceIps } from './source-ips';

const stranger: UserInfo = { name: '', groups: [] };

/** Begins what is written down of a request (k8s.io/apiserver/pkg/endpoints/filters `WithAudit`). */
export function audit(exchange: Exchange): void | Promise<void> {
  const auditor = exchange.server.audit;
  if (auditor === undefined) return;
  exchange.isAudited = true;
  const record = recordOf(auditor, exchange, exchange.user);
  if (record === undefined) return;
  exchange.audit = record;
  if (exchange.info.verb !== 'watch' && isLongRunning(exchange)) tellWhenStarted(exchange, record);
  for (const [key, value] of exchange.earlyAnnotations ?? []) record.annotate(key, value);
  const isKept = record.received();
  if (typeof isKept === 'boolean') {
    if (!isKept) refuse(auditor);
    return;
  }
  return isKept.then((kept) => {
    if (!kept) refuse(auditor);
  });
}

/** The answer has been given, or the peer has gone. A credential that was refused is written down now (`WithFailedAuthenticationAudit`). */
export function auditEnd(exchange: Exchange): void {
  const { server, audit: record, code } = exchange;
  if (record !== undefined) {
    tellLatencies(exchange, record);
    record.completed(code === 0 ? codeOfStream(exchange) : code);
    return;
  }
  if (server.audit === undefined || exchange.isAudited || code !== 401) return;
  const failed = recordOf(server.audit, exchange, stranger);
  for (const [key, value] of exchange.earlyAnnotations ?? []) failed?.annotate(key, value);
  failed?.message(attempted(exchange));
  failed?.only('ResponseStarted', code);
}

const slowMs = 500;

/** Where the time of a slow request went (`writeLatencyToAnnotation`): nothing where nothing was waited for that is looked at. */
function tellLatencies({ server, startedMs, latencies }: Exchange, record: AuditRecord): void {
  const tookMs = server.monotonic.elapsedMs() - startedMs;
  if (tookMs <= slowMs || latencies === undefined) return;
  for (const [name, ms] of latencies) record.annotate(`apiserver.latency.k8s.io/${name}`, durationText(ms));
  record.annotate('apiserver.latency.k8s.io/total', durationText(tookMs));
}

/** Writes down a request that is refused before anybody is asked who sends it (`withFailedRequestAudit`). */
export function auditRefusal(exchange: Exchange, code: number, message: string): void {
  const { audit: auditor } = exchange.server;
  if (auditor === undefined) return;
  exchange.isAudited = true;
  const refused = recordOf(auditor, exchange, stranger);
  refused?.message(message);
  refused?.only('ResponseStarted', code);
}

/** Streams answer for themselves: node's response knows when. */
function tellWhenStarted({ response }: Exchange, record: AuditRecord): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => typeof response;
  response.writeHead = (code: number, ...more: unknown[]) => {
    record.started(code);
    return writeHead(code, ...more);
  };
}

/** One that switched protocols has no answer of node's; 0 where the peer left before there was any. */
function codeOfStream({ response, upgrade, isRouted }: Exchange): number {
  if (response.headersSent) return response.statusCode;
  return upgrade !== undefined && isRouted ? 101 : 0;
}

function refuse(auditor: Auditor): never {
  auditor.refused();
  const message = 'Internal error occurred: failed to store audit event';
  throw new StatusError(
    failure({ reason: 'InternalError', message, details: { causes: [{ message: 'failed to store audit event' }] } }),
  );
}

function recordOf(auditor: Auditor, exchange: Exchange, user: UserInfo): AuditRecord | undefined {
  const { connection, info, request, server, startedMs } = exchange;
  return auditor.begin(user, info, () => ({
    id: exchange.auditId,
    user,
    info,
    uri: request.url ?? '/',
    userAgent: exchange.userAgent,
    sourceIps: sourceIps(request.headers, connection.remoteAddress),
    receivedMs: server.clock.nowMs() - (server.monotonic.elapsedMs() - startedMs),
    elapsedMs: () => server.monotonic.elapsedMs() - startedMs,
    isLongRunning: isLongRunning(exchange),
  }));
}

/** Which credentials were shown. */
function attempted(exchange: Exchange): string {
  const authorization = exchange.header('authorization').trim();
  const methods: string[] = [];
  if (/^basic /i.test(authorization)) methods.push('basic');
  if (/^bearer /i.test(authorization)) methods.push('bearer');
  if ((exchange.query.get('access_token') ?? '').trim() !== '') methods.push('access_token');
  if (exchange.server.certificates.of(exchange.connection) !== undefined) methods.push('x509');
  return methods.length === 0
    ? 'Authentication failed, no credentials provided'
    : `Authentication failed, attempted: ${methods.join(', ')}`;
}
