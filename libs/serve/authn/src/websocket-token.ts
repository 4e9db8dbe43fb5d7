import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { TokenError } from './token-authenticator';

const prefix = 'base64url.bearer.authorization.k8s.io.';

/** A token among the subprotocols, and what is left of them. */
export interface WebSocketToken {
  readonly token: string;
  readonly otherProtocols: string;
}

/**
 * A browser can send no `Authorization` with a WebSocket, but it can name a subprotocol
 * (k8s.io/apiserver/pkg/authentication/request/websocket). Throws `TokenError` for one that is no proper token.
 */
export function webSocketToken(headers: IncomingHttpHeaders): WebSocketToken | undefined {
  const offered = headers['sec-websocket-protocol'];
  if (offered === undefined || !isWebSocket(headers)) return undefined;
  let token: string | undefined;
  const others: string[] = [];
  for (const part of offered.split(',')) {
    const protocol = part.trim();
    if (!protocol.startsWith(prefix)) {
      others.push(protocol);
      continue;
    }
    if (token !== undefined) throw new TokenError('multiple base64.bearer.authorization tokens specified');
    token = decoded(protocol.slice(prefix.length));
  }
  if (token === undefined || token === '') return undefined;
  if (others.length === 0) throw new TokenError('missing additional subprotocol');
  return { token, otherProtocols: others.join(',') };
}

const isWebSocket = ({ connection = '', upgrade = '' }: IncomingHttpHeaders): boolean =>
  upgrade.toLowerCase() === 'websocket' && /(^|.*,)\s*upgrade\s*($|,)/i.test(connection);

function decoded(encoded: string): string {
  // What node would read too: padding, the other alphabet, a last character that stands for less than a byte.
  if (!/^[A-Za-z0-9_-]*$/.test(encoded) || encoded.length % 4 === 1)
    throw new TokenError('invalid base64.bearer.authorization token encoding');
  const bytes = Buffer.from(encoded, 'base64url');
  if (!isUtf8(bytes)) throw new TokenError('invalid base64.bearer.authorization token');
  return bytes.toString('utf8');
}
