import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Timers } from '@reckon/kernel';
import type { ExtenderTls } from '../config/scheduler-configuration';

export interface JsonPoster {
  /** The answer, parsed. Rejects with what a person can act on: no connection, no answer in time, another status than 200, no JSON. */
  post(verb: string, body: unknown): Promise<unknown>;
  /** Kept connections go; what is under way fails. */
  close(): void;
}

export interface JsonPosterOptions {
  readonly urlPrefix: string;
  readonly timeoutMs: number;
  readonly tls: ExtenderTls | undefined;
  readonly timers: Pick<Timers, 'after'>;
}

/** The nodes of a large cluster may come back whole; what is larger is no answer. */
const mostAnswerBytes = 256 * 1024 * 1024;

/** Posts JSON to one server, over connections that are kept (scheduler.HTTPExtender.send). */
export function jsonPoster({ urlPrefix, timeoutMs, tls, timers }: JsonPosterOptions): JsonPoster {
  const base = urlPrefix.replace(/\/+$/, '');
  const isHttps = base.startsWith('https:');
  const agent = isHttps ? new HttpsAgent({ keepAlive: true, ...tlsOptions(tls) }) : new HttpAgent({ keepAlive: true });
  const underWay = new Set<ClientRequest>();
  const exchange = (url: string, verb: string, wire: Buffer): Promise<unknown> =>
    new Promise<unknown>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': wire.length };
      const options = { method: 'POST', agent, headers };
      const asked = isHttps ? httpsRequest(url, options) : httpRequest(url, options);
      underWay.add(asked);
      const cancel = timers.after(timeoutMs, () => {
        fail('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
      });
      const end = (): void => {
        cancel();
        underWay.delete(asked);
      };
      const fail = (why: string, wasStale = false): void => {
        end();
        reject(new PostError(`Post ${JSON.stringify(url)}: ${why}`, wasStale));
        asked.destroy();
      };
      asked.on('error', (error: NodeJS.ErrnoException) => {
        fail(networkText(error, asked), asked.reusedSocket && error.code === 'ECONNRESET');
      });
      asked.on('response', (answer) => {
        if (answer.statusCode !== 200) {
          end();
          answer.resume();
          reject(new PostError(`failed ${verb} with extender at URL ${url}, code ${String(answer.statusCode)}`));
          return;
        }
        void readAll(answer).then(
          (text) => {
            end();
            try {
              resolve(JSON.parse(text));
            } catch (error) {
              reject(new PostError(text === '' ? 'EOF' : `${url} answered no JSON: ${String(error)}`));
            }
          },
          (error: unknown) => {
            fail(error instanceof Error ? error.message : String(error));
          },
        );
      });
      asked.end(wire);
    });
  return {
    async post(verb, body) {
      const url = `${base}/${verb}`;
      const wire = Buffer.from(JSON.stringify(body));
      try {
        return await exchange(url, verb, wire);
      } catch (error) {
        if (!(error instanceof PostError) || !error.wasStale) throw error;
        return exchange(url, verb, wire);
      }
    },
    close() {
      for (const asked of underWay) asked.destroy();
      agent.destroy();
    },
  };
}

class PostError extends Error {
  readonly code = 'ExtenderPost';
  constructor(
    message: string,
    /** The connection had been kept, and its other end had closed it meanwhile: nothing was asked yet. */
    readonly wasStale = false,
  ) {
    super(message);
    this.name = 'PostError';
  }
}

const tlsOptions = ({ isInsecure = false, serverName, ca, cert, key }: Partial<ExtenderTls> = {}) => ({
  rejectUnauthorized: !isInsecure,
  ...(serverName === undefined ? {} : { servername: serverName }),
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
});

async function readAll(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > mostAnswerBytes) throw new Error(`the answer is larger than ${String(mostAnswerBytes)} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** As Go words it where it is what people look for. */
function networkText(error: NodeJS.ErrnoException, { host }: ClientRequest): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return `dial tcp ${host}: connect: connection refused`;
    case 'ENOTFOUND':
      return `dial tcp: lookup ${host}: no such host`;
    case 'ECONNRESET':
      return 'EOF';
    default:
      return error.message;
  }
}
