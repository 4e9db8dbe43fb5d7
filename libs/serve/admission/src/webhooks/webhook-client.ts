import { Agent, type RequestOptions, request } from 'node:https';
import { isIP } from 'node:net';
import type { Monotonic, Timers } from '@reckon/kernel';
import {
  authorizationHeader,
  goNetworkError,
  type WebhookCredentials,
  type WebhookCredentialSource,
} from '@reckon/serve/authn';
import { credentialsInTime } from './credentials-in-time';
import { askedPauseMs, mostRetries, pause } from './pause';

/** Where a webhook is, what proves that it is the one, and who asks. */
export interface Endpoint {
  /** As messages and the `Host` header name it: `host`, `host:port`. */
  readonly authority: string;
  /** Path and query of the configuration. */
  readonly path: string;
  readonly host: string;
  readonly port: number;
  /** Where to connect to, if not to `host` and `port`: of a Service, one of its endpoints. Throws what is told of the failure. */
  readonly dial?: () => { readonly host: string; readonly port: number };
  /** PEM; '' for the authorities that the system trusts. */
  readonly caPem: string;
  readonly credentials: WebhookCredentials | WebhookCredentialSource;
}

export interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** The header; '' where there is none. */
  readonly retryAfter: string;
}

/** The webhook could not be reached, or took too long. */
export class WebhookNetworkError extends Error {
  readonly code: 'Deadline' | 'Cancelled' | 'Network';

  constructor(code: WebhookNetworkError['code'], message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = 'WebhookNetworkError';
  }
}

export interface PostOptions {
  readonly timeoutMs: number;
  /** Of the request that is admitted: aborted when its client goes away. */
  readonly signal: AbortSignal;
}

/** Webhooks by HTTP/1.1 with one pool of kept connections for each; connections go when the pool is closed. */
export interface WebhookClients {
  /** Throws WebhookNetworkError. */
  post(endpoint: Endpoint, body: string, options: PostOptions): Promise<Answer>;
  close(): void;
}

export interface WebhookClientParts {
  readonly timers: Pick<Timers, 'after'>;
  readonly clock: Monotonic;
}

/** util/webhook `defaultCacheSize`: what has not been used for longest is closed first. */
const mostPools = 200;
/** An answer that is larger is no answer: an object has at most 3 MiB. */
const mostAnswerBytes = 16 * 1024 * 1024;

export function webhookClients({ timers, clock }: WebhookClientParts): WebhookClients {
  const pools = new Map<string, Agent>();

  function poolOf({ authority, caPem, host }: Endpoint, { certPem, keyPem }: WebhookCredentials): Agent {
    const key = JSON.stringify([authority, caPem, certPem, keyPem]);
    let pool = pools.get(key);
    if (pool === undefined) {
      pool = new Agent({
        keepAlive: true,
        maxFreeSockets: 25,
        timeout: 90_000,
        ...(caPem === '' ? {} : { ca: caPem }),
        ...(certPem === undefined ? {} : { cert: certPem, key: keyPem }),
        ...(isIP(host) === 0 ? { servername: host } : {}),
      });
    }
    pools.delete(key);
    pools.set(key, pool);
    if (pools.size > mostPools) {
      const [oldest = ''] = pools.keys();
      pools.get(oldest)?.destroy();
      pools.delete(oldest);
    }
    return pool;
  }

  return {
    async post(endpoint, body, { timeoutMs, signal }) {
      const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
      const path = `${endpoint.path}${endpoint.path.includes('?') ? '&' : '?'}timeout=${String(seconds)}s`;
      const url = `https://${endpoint.authority}${path}`;
      const failed = (code: WebhookNetworkError['code'], why: string, cause?: unknown): WebhookNetworkError =>
        new WebhookNetworkError(code, `Post "${url}": ${why}`, { cause });
      const wire = Buffer.from(body);
      const endMs = clock.elapsedMs() + timeoutMs;
      const leftMs = (): number => Math.max(0, endMs - clock.elapsedMs());
      const source = 'current' in endpoint.credentials ? endpoint.credentials : undefined;
      const ended = (why: 'Deadline' | 'Cancelled'): WebhookNetworkError =>
        failed(why, why === 'Deadline' ? 'context deadline exceeded' : 'context canceled');
      let credentials: WebhookCredentials;
      if ('current' in endpoint.credentials) {
        const given = await credentialsInTime(endpoint.credentials, { timers, timeoutMs, signal }).catch(
          (error: unknown) => {
            throw failed('Network', error instanceof Error ? error.message : String(error), error);
          },
        );
        if ('ended' in given) throw ended(given.ended);
        credentials = given.credentials;
      } else credentials = endpoint.credentials;
      const asked = { ...headersOf(endpoint.authority, credentials), 'content-length': wire.length };
      let isStaleAsked = false;
      for (let retries = 0; ;) {
        let target: { readonly host: string; readonly port: number } = endpoint;
        try {
          target = endpoint.dial?.() ?? endpoint;
        } catch (error) {
          throw failed('Network', error instanceof Error ? error.message : String(error), error);
        }
        const options: RequestOptions = {
          agent: poolOf(endpoint, credentials),
          method: 'POST',
          host: target.host,
          port: target.port,
          path,
          headers: asked,
        };
        const outcome = await exchange(options, wire, { timers, timeoutMs: leftMs(), signal });
        if ('answer' in outcome) {
          const { answer } = outcome;
          if (answer.code === 401) source?.refused(credentials);
          const pauseMs = retries++ < mostRetries ? askedPauseMs(answer) : undefined;
          if (pauseMs === undefined) return answer;
          const why = await pause(pauseMs, { timers, signal, leftMs: leftMs() });
          // Nothing was under way: as upstream, the message names no call.
          if (why !== undefined)
            throw new WebhookNetworkError(why, why === 'Deadline' ? 'context deadline exceeded' : 'context canceled');
          continue;
        }
        // A kept connection that its peer had closed meanwhile: nothing was asked yet.
        if (outcome.wasReused && !isStaleAsked) {
          isStaleAsked = true;
          continue;
        }
        if (outcome.ended !== undefined) throw ended(outcome.ended);
        throw failed('Network', goNetworkError(outcome.error, target), outcome.error);
      }
    },
    close() {
      for (const pool of pools.values()) pool.destroy();
      pools.clear();
    },
  };
}

const headersOf = (authority: string, credentials: WebhookCredentials): Record<string, string> => ({
  host: authority,
  'user-agent': 'kube-apiserver-admission',
  accept: 'application/json, */*',
  'content-type': 'application/json',
  ...authorizationHeader(credentials),
});

type Outcome =
  | { readonly answer: Answer }
  | { readonly error: unknown; readonly ended?: 'Deadline' | 'Cancelled'; readonly wasReused: boolean };

function exchange(
  options: RequestOptions,
  body: Buffer,
  { timers, timeoutMs, signal }: PostOptions & { readonly timers: Pick<Timers, 'after'> },
): Promise<Outcome> {
  return new Promise((resolve) => {
    let ended: 'Deadline' | 'Cancelled' | undefined;
    let hasAnswer = false;
    const sent = request(options);
    const end = (why: 'Deadline' | 'Cancelled'): void => {
      ended ??= why;
      sent.destroy();
    };
    const stopTimer = timers.after(Math.max(timeoutMs, 0), () => {
      end('Deadline');
    });
    const cancel = (): void => {
      end('Cancelled');
    };
    const finish = (outcome: Outcome): void => {
      stopTimer();
      signal.removeEventListener('abort', cancel);
      resolve(outcome);
    };
    const fail = (error: unknown): void => {
      const isStale = sent.reusedSocket && !hasAnswer && ended === undefined;
      finish({ error, wasReused: isStale, ...(ended === undefined ? {} : { ended }) });
    };
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel);
    sent.on('error', fail);
    sent.on('response', (response) => {
      hasAnswer = true;
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        length += part.length;
        if (length > mostAnswerBytes) response.destroy(new Error('the answer is too large'));
        else parts.push(part);
      });
      response.on('error', fail);
      response.on('end', () => {
        finish({
          answer: {
            code: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            body: Buffer.concat(parts),
            retryAfter: response.headers['retry-after'] ?? '',
          },
        });
      });
    });
    sent.end(body);
  });
}
