import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';

/** What one request came with, whichever version of HTTP it speaks. */
export interface HttpCall {
  readonly request: HttpRequest;
  readonly body: HttpBody;
  readonly response: HttpResponse;
  readonly connection: Socket;
  /** Others are on this connection at the same time: it is not this one's to end. */
  readonly isOneOfMany?: boolean;
  /** Set when the peer asks for another protocol. */
  readonly upgrade?: Upgrade | undefined;
}

/** Node's `IncomingMessage` is one. */
export interface HttpRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turns, as they were sent. */
  readonly rawHeaders: readonly string[];
}

export interface HttpBody extends Readable {
  /** It ended because the peer broke off. */
  readonly aborted?: boolean;
}

/** Node's `ServerResponse` is one. */
export interface HttpResponse extends Writable {
  readonly headersSent: boolean;
  statusCode: number;
  /** False: the connection takes no further requests after those that it has. */
  shouldKeepAlive: boolean;
  /** The connection, while this answer has it for itself: never in HTTP/2. */
  readonly socket: Socket | null;
  /** HTTP/1.1 only: the length of the body was not told beforehand. */
  readonly chunkedEncoding?: boolean;
  /** HTTP/2 only: ends the answer when the peer takes no byte of it for so long. */
  limitStall?(ms: number): void;
  setHeader(name: string, value: string): unknown;
  /** Headers as an object, or names and values in turns; a name may come several times. */
  writeHead(code: number, headers?: OutgoingHttpHeaders | string[]): this;
  flushHeaders(): void;
}

/** A connection on which another protocol is to be spoken, by whoever takes it. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Takes the connection from the response that would refuse. */
  release(): void;
}
