import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { durationText, goQuote } from '@reckon/api/machinery';
import { type DialledPlace, goNetworkError } from './go-network-error';
import { httpFailure } from './http-failure';
import { type OpenTunnel, tunnelAgent } from './tunnel-agent';
import { authorizationHeader, type WebhookCredentials, type WebhookCredentialSource } from './webhook-credentials';

/** A server that is asked by JSON over HTTPS: the cluster and the user of a kubeconfig's context. */
export interface WebhookEndpoint extends WebhookCredentials {
  /** With its path: `https://authn.example.com/authenticate`. */
  readonly server: string;
  /** How long a call may take: the server is told, in its query. Default 30 s. */
  readonly timeoutMs?: number;
  /** PEM of the authorities that it is known by; empty: of none. */
  readonly caPem?: string;
  /** The same where they may change; goes before `caPem`. */
  readonly authorities?: () => string | undefined;
  readonly insecureSkipTlsVerify?: boolean;
  /** What its certificate must be for, when that is not its host. */
  readonly tlsServerName?: string;
  /** Goes before the credentials that stand here. */
  readonly source?: WebhookCredentialSource;
  /** By way of a proxy. */
  readonly tunnel?: OpenTunnel;
}

export interface HttpAnswer {
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
  readonly answer: HttpAnswer | undefined;
  /** Another try may bring another outcome (k8s.io/apiserver/pkg/util/webhook `DefaultShouldRetry`). */
  readonly isPassing: boolean;
  /** The server asks to be left alone for so long. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    parts: {
      readonly status?: number;
      readonly answer?: HttpAnswer;
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
  /** Where calls go, as messages name it. */
  readonly url: string;
  /** Of one call. */
  readonly timeoutMs: number;
  /** POSTs a JSON text; the answer's text if its status is 2xx. Rejects with `WebhookError`, or with the signal's reason. */
  post(body: string, signal: AbortSignal): Promise<string>;
  /** Ends idle connections. */
  close(): void;
}

const longestAnswer = 3 * 1024 * 1024;
/** k8s.io/apiserver/pkg/util/webhook `defaultRequestTimeout` */
const usualTimeoutMs = 30_000;

/** Connections are kept between calls; with another certificate, or other authorities, there are others. */
export function webhookClient(endpoint: WebhookEndpoint): WebhookClient {
  const { timeoutMs = usualTimeoutMs } = endpoint;
  const url = urlOf(endpoint.server, timeoutMs);
  const failed = `Post ${goQuote(url.href)}`;
  const place = placeOf(url, endpoint.tlsServerName);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  let agent: HttpAgent | undefined;
  let shown: WebhookCredentials | undefined;
  let trusted: string | undefined;

  function agentFor(credentials: WebhookCredentials): HttpAgent {
    const caPem = endpoint.authorities?.() ?? endpoint.caPem;
    const isSame = shown?.certPem === credentials.certPem && shown?.keyPem === credentials.keyPem && trusted === caPem;
    if (agent !== undefined && isSame) return agent;
    agent?.destroy();
    shown = credentials;
    trusted = caPem;
    agent = agentOf(endpoint, credentials, caPem);
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
        reject(new WebhookError(`${failed}: ${goNetworkError(cause, place)}`, { isPassing, cause }));
      };
      const headers = { ...headersOf(credentials), 'content-length': Buffer.byteLength(body) };
      const sent: ClientRequest = send(
        url,
        { agent: agentFor(credentials), method: 'POST', signal, headers },
        (response) => {
          bodyOf(response).then((body) => {
            const error = refusal(response, body);
            if (error === undefined) resolve(body.toString('utf8'));
            else reject(error);
          }, refuse);
        },
      );
      sent.once('error', refuse);
      sent.end(body);
    });
  }

  const { source } = endpoint;
  const known = { url: url.href, timeoutMs, close: () => agent?.destroy() };
  if (source === undefined) return { ...known, post: (body, signal) => exchange(body, endpoint, signal) };
  return {
    ...known,
    async post(body, signal) {
      const credentials = await credentialsIn(source, failed, signal);
      try {
        return await exchange(body, credentials, signal);
      } catch (error) {
        if (error instanceof WebhookError && error.status === 401) source.refused(credentials);
        throw error;
      }
    },
  };
}

/** Whoever gives credentials may take too long. */
async function credentialsIn(
  source: WebhookCredentialSource,
  failed: string,
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
    throw new WebhookError(`${failed}: ${why}`, { isPassing: false, cause });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function agentOf(
  endpoint: WebhookEndpoint,
  { certPem, keyPem }: WebhookCredentials,
  caPem: string | undefined,
): HttpAgent {
  const kept = { keepAlive: true, maxSockets: 64, timeout: 90_000 };
  if (!endpoint.server.startsWith('https:')) return new HttpAgent(kept);
  const options = {
    ...kept,
    rejectUnauthorized: endpoint.insecureSkipTlsVerify !== true,
    // Node takes an empty text for none, and would trust what the machine trusts.
    ...(caPem === undefined ? {} : { ca: caPem === '' ? [] : caPem }),
    ...(certPem === undefined ? {} : { cert: certPem }),
    ...(keyPem === undefined ? {} : { key: keyPem }),
    ...(endpoint.tlsServerName === undefined ? {} : { servername: endpoint.tlsServerName }),
  };
  return endpoint.tunnel === undefined ? new HttpsAgent(options) : tunnelAgent(options, endpoint.tunnel);
}

const headersOf = (credentials: WebhookCredentials): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  accept: 'application/json, */*',
  ...authorizationHeader(credentials),
});

/** With the time that a call has, which client-go puts into every query. */
function urlOf(server: string, timeoutMs: number): URL {
  const url = new URL(server);
  // A query of the kubeconfig's server is lost.
  url.search = '';
  url.searchParams.set('timeout', durationText(timeoutMs));
  return url;
}

const placeOf = ({ protocol, hostname, port }: URL, serverName: string | undefined): DialledPlace => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  ...(serverName === undefined ? {} : { serverName }),
});

/** client-go tells these apart by the reason of the Status that it makes of an answer: every 5xx but 503 is an internal error. */
const isPassingCode = (code: number): boolean => code === 429 || (code >= 500 && code !== 503);

function refusal({ headers, statusCode: code = 0 }: IncomingMessage, body: Buffer): WebhookError | undefined {
  const answer = { code, contentType: headers['content-type'] ?? '', body };
  const failure = httpFailure(answer);
  if (failure === undefined) return undefined;
  const seconds = Number(headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) && headers['retry-after'] !== undefined ? seconds * 1000 : undefined;
  const isPassing = isPassingCode(code) || retryAfterMs !== undefined;
  return new WebhookError(failure.message, { answer, isPassing, retryAfterMs });
}

function bodyOf(response: IncomingMessage): Promise<Buffer> {
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
      resolve(Buffer.concat(chunks));
    });
  });
}
