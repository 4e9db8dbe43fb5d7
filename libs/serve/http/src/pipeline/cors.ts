import type { Exchange } from '../exchange';

/** k8s.io/apiserver/pkg/server/filters `WithCORS`, with kube-apiserver's lists. */
const methods = 'POST, GET, OPTIONS, PUT, DELETE, PATCH';
const headers =
  'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since';

/** Tells a browser whether a page of another server may read the answer. Who only asks that needs no name, and is answered here. */
export function crossOrigin(exchange: Exchange): void | Promise<void> {
  const { allowsOrigin } = exchange.server;
  if (allowsOrigin === undefined) return;
  const { request, response } = exchange;
  const { origin } = request.headers;
  if (origin === undefined || origin === '' || !allowsOrigin(origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Methods', methods);
  response.setHeader('Access-Control-Allow-Headers', headers);
  response.setHeader('Access-Control-Expose-Headers', 'Date');
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  if (request.method !== 'OPTIONS') return;
  exchange.code = 204;
  response.writeHead(204, ['Audit-Id', exchange.auditId, 'Cache-Control', 'no-cache, private']);
  response.end();
  return nothingMore();
}

/** The steps after this one are for whoever wants more than to ask. */
const nothingMore = (): Promise<never> => new Promise(() => undefined);
