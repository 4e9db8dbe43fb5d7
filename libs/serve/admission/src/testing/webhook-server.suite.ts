import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '@reckon/kernel';
import { createAuthority, type Credential, issue } from '@reckon/pki';

export interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly review: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly request: Record<string, unknown> & { readonly uid: string };
  };
}

/** What a webhook answers: a response without its uid; or anything else as it is. */
export type Reply =
  | { readonly response: object; readonly version?: 'v1' | 'v1beta1' }
  | { readonly status?: number; readonly body: string; readonly contentType?: string; readonly retryAfter?: string }
  | 'never';

export interface WebhookServer {
  readonly url: string;
  readonly port: number;
  /** As `clientConfig.caBundle` has it. */
  readonly caBundle: string;
  readonly asked: Asked[];
  /** Connections that were opened. */
  readonly connections: () => number;
  reply: (asked: Asked) => Reply | Promise<Reply>;
  stop(): Promise<void>;
}

export const allow: Reply = { response: { allowed: true } };

const authority: Credential = createAuthority({ commonName: 'webhooks', clock: systemClock });

export interface WebhookServerOptions {
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

/** A real webhook: HTTPS on a free port, under an authority of its own. */
export async function webhookServer(options: WebhookServerOptions = {}): Promise<WebhookServer> {
  const { dnsNames = [], ipAddresses = ['127.0.0.1'] } = options;
  const { certPem, keyPem } = issue(authority, {
    commonName: 'webhook',
    dnsNames,
    ipAddresses,
    usages: ['server'],
    clock: systemClock,
  });
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  const server: Server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(parts).toString()) as Asked['review'];
      const one: Asked = { path: request.url ?? '', headers: request.headers, review };
      asked.push(one);
      void Promise.resolve(self.reply(one)).then((reply) => {
        if (reply === 'never') return;
        if ('body' in reply) {
          const { status = 200, body, contentType = 'text/plain', retryAfter } = reply;
          if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
          response.writeHead(status, { 'content-type': contentType }).end(body);
          return;
        }
        const { version = review.apiVersion.split('/')[1] } = reply;
        response.writeHead(200, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            apiVersion: `admission.k8s.io/${version ?? 'v1'}`,
            kind: 'AdmissionReview',
            response: { uid: review.request.uid, ...reply.response },
          }),
        );
      });
    });
  });
  server.on('secureConnection', (socket) => {
    opened++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const self: WebhookServer = {
    url: `https://127.0.0.1:${String(port)}`,
    port,
    caBundle: Buffer.from(authority.certPem).toString('base64'),
    asked,
    connections: () => opened,
    reply: () => allow,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
  return self;
}

/** `response` with a JSON patch. */
export const patching = (...operations: object[]): Reply => ({
  response: {
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
  },
});
