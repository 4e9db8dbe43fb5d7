import type { Exchange } from '../exchange';

/** The log and its lines hold no more of it than this (k8s.io/apiserver/pkg/audit `GetAuditIDTruncated`). */
const longestShort = 64;

/** A client may bring its own (`Audit-ID`), whatever it is: k8s.io/apiserver/pkg/endpoints/filters `WithAuditInit`. */
export function assignAuditId(exchange: Exchange): void {
  const given = exchange.header('audit-id');
  exchange.auditId = given === '' ? exchange.server.random.uuid() : given;
  exchange.requestId = given.length > longestShort ? given.slice(0, longestShort) : exchange.auditId;
}
