import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type OpenTunnel, tunnelAgent } from './tunnel-agent';

/** Who the server is to a webhook. */
export interface WebhookCredentials {
  readonly token?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly certPem?: string;
  readonly keyPem?: string;
}

/** Credentials that end and are replaced. */
export interface WebhookCredentialSource {
  /** Those of now. Rejects where there are none, in words for a log. */
  current(): WebhookCredentials | Promise<WebhookCredentials>;
  /** They were answered with 401: the next must be others, if there are any. */
  refused(credentials: WebhookCredentials): void;
}

/** A server that is asked by JSON over HTTPS: the cluster and the user of a kubeconfig's context. */
export interface WebhookEndpoint extends WebhookCredentials {
  /** With its path: `https://authn.example.com/authenticate`. */
  readonly server: string;
  readonly caPem?: string;
  readonly insecureSkipTlsVerify?: boolean;
  /** What its certificate must be for, when that is not its host. */
  readonly tlsServerName?: string;
  /** Goes before the credentials that stand here. */
  readonly source?: WebhookCredentialSource;
  /** By way of a proxy. */
  readonly tunnel?: OpenTunnel;
}

/** An answer that is no success. */
export interface RefusedAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** A call that brought no usable answer. */
export class WebhookError extends Error {
  readonly code = 'Webhook';
  /** Status that was answered; undefined where nothing was. */
  readonly status: number | undefined;
  /** The whole of a refusal. */
  readonly answer: RefusedAnswer | undefined;
  /** Another try may bring another outcome (k8s.io/apiserver/pkg/util/webhook `DefaultShouldRetry`). */
  readonly isPassing: boolean;
  /** The server asks to be left alone for so long. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    parts: {
      readonly status?: number;
      readonly answer?: RefusedAnswer;
      readonly isPassing: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: parts.cause });
    this.name = 'WebhookError';
    this.status = parts.answer?.code ?? parts.status;
    this.answer = parts.answer;
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

/** Connections are kept between calls; with another certificate there are others. */
export function webhookClient(endpoint: WebhookEndpoint): WebhookClient {
  const url = new URL(endpoint.server);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  let agent: HttpAgent | undefined;
  let shown: WebhookCredentials | undefined;

  function agentFor(credentials: WebhookCredentials): HttpAgent {
    if (agent !== undefined && shown?.certPem === credentials.certPem && shown?.keyPem === credentials.keyPem)
      return agent;
    agent?.destroy();
    shown = credentials;
    agent = agentOf(endpoint, credentials);
    return agent;
  }

  function exchange(body: string, credentials: WebhookCredentials, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const refuse = (cause: Error & { code?: string }): void => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const isPassing = cause.code === 'ECONNRESET';
        reject(new WebhookError(`Post ${JSON.stringify(endpoint.server)}: ${cause.message}`, { isPassing, cause }));
      };
      const headers = { ...headersOf(credentials), 'content-length': Buffer.byteLength(body) };
      const sent: ClientRequest = send(
        url,
        { agent: agentFor(credentials), method: 'POST', signal, headers },
        (response) => {
          textOf(response).then((text) => {
            const status = response.statusCode ?? 0;
            if (status >= 200 && status < 300) resolve(text);
            else reject(refusal(response, text));
          }, refuse);
        },
      );
      sent.once('error', refuse);
      sent.end(body);
    });
  }

  const { source } = endpoint;
  if (source === undefined)
    return { post: (body, signal) => exchange(body, endpoint, signal), close: () => agent?.destroy() };
  return {
    async post(body, signal) {
      const credentials = await credentialsIn(source, endpoint.server, signal);
      try {
        return await exchange(body, credentials, signal);
      } catch (error) {
        if (error instanceof WebhookError && error.status === 401) source.refused(credentials);
        throw error;
      }
    },
    close: () => agent?.destroy(),
  };
}

/** Whoever gives credentials may take too long. */
async function credentialsIn(
  source: WebhookCredentialSource,
  server: string,
  signal: AbortSignal,
): Promise<WebhookCredentials> {
  const given = (async () => source.current())();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([given, aborted]);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WebhookError(`Post ${JSON.stringify(server)}: ${why}`, { isPassing: false, cause });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function agentOf(endpoint: WebhookEndpoint, { certPem, keyPem }: WebhookCredentials): HttpAgent {
  const kept = { keepAlive: true, maxSockets: 64, timeout: 90_000 };
  if (!endpoint.server.startsWith('https:')) return new HttpAgent(kept);
  const options = {
    ...kept,
    rejectUnauthorized: endpoint.insecureSkipTlsVerify !== true,
    ...(endpoint.caPem === undefined ? {} : { ca: endpoint.caPem }),
    ...(certPem === undefined ? {} : { cert: certPem }),
    ...(keyPem === undefined ? {} : { key: keyPem }),
    ...(endpoint.tlsServerName === undefined ? {} : { servername: endpoint.tlsServerName }),
  };
  return endpoint.tunnel === undefined ? new HttpsAgent(options) : tunnelAgent(options, endpoint.tunnel);
}

function headersOf({ token, basic }: WebhookCredentials): Record<string, string> {
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : basic === undefined
        ? undefined
        : `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`;
  return {
    'content-type': 'application/json',
    accept: 'application/json, */*',
    ...(authorization === undefined ? {} : { authorization }),
  };
}

/** client-go tells these apart by the reason of the Status that it makes of an answer. */
const passing: ReadonlySet<number> = new Set([429, 500, 504]);

function refusal({ headers, statusCode: code = 0 }: IncomingMessage, text: string): WebhookError {
  const seconds = Number(headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) && headers['retry-after'] !== undefined ? seconds * 1000 : undefined;
  const isPassing = passing.has(code) || retryAfterMs !== undefined;
  const answer = { code, contentType: headers['content-type'] ?? '', body: Buffer.from(text) };
  return new WebhookError(`the server answered with status ${String(code)}`, { answer, isPassing, retryAfterMs });
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
