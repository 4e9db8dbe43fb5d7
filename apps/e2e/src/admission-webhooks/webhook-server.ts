import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type ForeignAuthority, foreignAuthority } from '@reckon/testkit';

/** What a webhook is asked (admission.k8s.io/v1 AdmissionReview). */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly subResource?: string;
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly userInfo: { readonly username?: string; readonly groups?: readonly string[] };
  readonly object: WebhookObject | null;
  readonly oldObject: WebhookObject | null;
}

export interface WebhookObject {
  readonly metadata: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What stands in `response`, but for its uid; given after so many milliseconds, and not before `until` has resolved. */
export interface WebhookResponse {
  readonly allowed: boolean;
  readonly patch?: readonly object[];
  readonly status?: object;
  readonly warnings?: readonly string[];
  readonly afterMs?: number;
  readonly until?: Promise<void>;
}

export type WebhookHandler = (request: AdmissionRequest) => WebhookResponse;

export interface WebhookServer {
  readonly authority: ForeignAuthority;
  /** `clientConfig` of the webhook at a path. */
  clientConfig(path: string): { readonly url: string; readonly caBundle: string };
  /** What it was asked, by path. */
  asked(path: string): readonly AdmissionRequest[];
  /** The `authorization` headers and the common names of client certificates that it was shown. */
  readonly callers: { readonly authorization: string | undefined; readonly commonName: string | undefined }[];
  stop(): Promise<void>;
}

/** A real HTTPS server on a free port of this machine, under an authority of its own; one handler for each path. */
export async function startWebhookServer(
  handlers: Readonly<Record<string, WebhookHandler>>,
  options: { readonly asksForCertificate?: boolean } = {},
): Promise<WebhookServer> {
  const authority = foreignAuthority('webhooks');
  const { certPem, keyPem } = authority.issue({
    commonName: 'webhook',
    ipAddresses: ['127.0.0.1'],
    usages: ['server'],
  });
  const asked = new Map<string, AdmissionRequest[]>();
  const callers: WebhookServer['callers'] = [];
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const asking = options.asksForCertificate === true ? { ca: authority.certPem, requestCert: true } : {};
  const server = createServer({ cert: certPem, key: keyPem, ...asking }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const path = new URL(request.url ?? '', 'https://x').pathname;
      const review = JSON.parse(Buffer.concat(parts).toString()) as { apiVersion: string; request: AdmissionRequest };
      const socket = request.socket as unknown as {
        getPeerCertificate(): { readonly subject?: { readonly CN?: string } };
      };
      const { authorization } = request.headers;
      callers.push({ authorization, commonName: socket.getPeerCertificate().subject?.CN });
      asked.set(path, [...(asked.get(path) ?? []), review.request]);
      const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
      if (handler === undefined) {
        response.writeHead(404).end();
        return;
      }
      const { afterMs = 0, until, patch, ...rest } = handler(review.request);
      const body = JSON.stringify({
        apiVersion: review.apiVersion,
        kind: 'AdmissionReview',
        response: {
          uid: review.request.uid,
          ...rest,
          ...(patch === undefined
            ? {}
            : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
        },
      });
      const timer = setTimeout(() => {
        timers.delete(timer);
        void (until ?? Promise.resolve()).then(() => {
          response.writeHead(200, { 'content-type': 'application/json' }).end(body);
        });
      }, afterMs);
      timers.add(timer);
    });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    authority,
    clientConfig: (path) => ({
      url: `https://127.0.0.1:${String(port)}${path}`,
      caBundle: Buffer.from(authority.certPem).toString('base64'),
    }),
    asked: (path) => asked.get(path) ?? [],
    callers,
    stop: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearTimeout(timer);
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}
