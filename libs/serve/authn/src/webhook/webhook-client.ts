import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** A server that is asked by JSON over HTTPS: the cluster and the user of a kubeconfig's context. */
export interface WebhookEndpoint {
  /** With its path: `https://authn.example.com/authenticate`. */
  readonly server: string;
  readonly caPem?: string;
  readonly certPem?: string;
  readonly keyPem?: string;
  readonly token?: string;
  readonly insecureSkipTlsVerify?: boolean;
}

/** A call that brought no usable answer. */
export class WebhookError extends Error {
  readonly code = 'Webhook';
  /** Status that was answered; undefined where nothing was. */
  readonly status: number | undefined;
  /** Another try may bring another outcome (k8s.io/apiserver/pkg/util/webhook `DefaultShouldRetry`). */
  readonly isPassing: boolean;
  /** The server asks to be left alone for so long. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    parts: {
      readonly status?: number;
      readonly isPassing: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: parts.cause });
    this.name = 'WebhookError';
    this.status = parts.status;
    this.isPassing = parts.isPassing;
    this.retryAfterMs = parts.retryAfterMs;
  }
}

export interface WebhookClient {
  /** POSTs a JSON text; the answer's text if its status is 2xx. Rejects with `WebhookError`, or with the signal's reason. */
  post(body: string, signal: AbortSignal): Promise<string>;
  /** Ends idle connections. */
  close(): void;
}

const longestAnswer = 3 * 1024 * 1024;

/** Connections are kept between calls. */
export function webhookClient(endpoint: WebhookEndpoint): WebhookClient {
  const url = new URL(endpoint.server);
  const isTls = url.protocol === 'https:';
  const kept = { keepAlive: true, maxSockets: 64, timeout: 90_000 };
  const agent = isTls
    ? new HttpsAgent({
        ...kept,
        rejectUnauthorized: endpoint.insecureSkipTlsVerify !== true,
        ...(endpoint.caPem === undefined ? {} : { ca: endpoint.caPem }),
        ...(endpoint.certPem === undefined ? {} : { cert: endpoint.certPem }),
        ...(endpoint.keyPem === undefined ? {} : { key: endpoint.keyPem }),
      })
    : new HttpAgent(kept);
  const send = isTls ? httpsRequest : httpRequest;
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, */*',
    ...(endpoint.token === undefined ? {} : { authorization: `Bearer ${endpoint.token}` }),
  };

  return {
    post: (body, signal) =>
      new Promise((resolve, reject) => {
        const refuse = (cause: Error & { code?: string }): void => {
          if (signal.aborted) {
            reject(signal.reason as Error);
            return;
          }
          const isPassing = cause.code === 'ECONNRESET';
          reject(new WebhookError(`Post ${JSON.stringify(endpoint.server)}: ${cause.message}`, { isPassing, cause }));
        };
        const length = Buffer.byteLength(body);
        const sent: ClientRequest = send(
          url,
          { agent, method: 'POST', signal, headers: { ...headers, 'content-length': length } },
          (response) => {
            textOf(response).then((text) => {
              const status = response.statusCode ?? 0;
              if (status >= 200 && status < 300) resolve(text);
              else reject(refusal(response, status));
            }, refuse);
          },
        );
        sent.once('error', refuse);
        sent.end(body);
      }),
    close() {
      agent.destroy();
    },
  };
}

/** client-go tells these apart by the reason of the Status that it makes of an answer. */
const passing: ReadonlySet<number> = new Set([429, 500, 504]);

function refusal({ headers }: IncomingMessage, status: number): WebhookError {
  const seconds = Number(headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) && headers['retry-after'] !== undefined ? seconds * 1000 : undefined;
  const isPassing = passing.has(status) || retryAfterMs !== undefined;
  return new WebhookError(`the server answered with status ${String(status)}`, { status, isPassing, retryAfterMs });
}

function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > longestAnswer) response.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    response.once('error', reject);
    response.once('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}
