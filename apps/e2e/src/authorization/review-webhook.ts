import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { foreignAuthority } from '@reckon/testkit';

export interface ReceivedReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: Readonly<Record<string, unknown>> & { readonly user?: string };
}

/** A real HTTPS server that answers SubjectAccessReviews, only to who shows a certificate of its authority. */
export interface ReviewWebhook {
  /** A kubeconfig that leads to it, as guides print it: with files for the authority, the certificate and the key. */
  readonly kubeconfig: string;
  readonly received: readonly ReceivedReview[];
  /** What it answers from now on: a status, or a text that is none. */
  answer: (review: ReceivedReview) => object | string;
  /** It takes no connections until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** Its files are written to `folder`. */
export async function startReviewWebhook(folder: string): Promise<ReviewWebhook> {
  const authority = foreignAuthority('webhook-ca');
  const serving = authority.issue({ commonName: 'webhook', usages: ['server'], ipAddresses: ['127.0.0.1'] });
  const client = authority.issue({ commonName: 'kube-apiserver', usages: ['client'] });
  const received: ReceivedReview[] = [];
  let answer: ReviewWebhook['answer'] = () => ({ allowed: false });

  const listen = async (port: number): Promise<Server> => {
    const server = createServer(
      {
        cert: serving.certPem,
        key: serving.keyPem,
        ca: authority.certPem,
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const { socket } = request;
          const subject = socket instanceof TLSSocket ? socket.getPeerCertificate().subject : undefined;
          const isAsked = /^\/authorize\?timeout=\d+s$/.test(request.url ?? '');
          if (request.method !== 'POST' || !isAsked || subject?.CN !== 'kube-apiserver') {
            response.writeHead(404).end();
            return;
          }
          const review = JSON.parse(Buffer.concat(chunks).toString()) as ReceivedReview;
          received.push(review);
          const status = answer(review);
          const text =
            typeof status === 'string'
              ? status
              : JSON.stringify({ apiVersion: review.apiVersion, kind: 'SubjectAccessReview', status });
          response.writeHead(200, { 'content-type': 'application/json' }).end(text);
        });
      },
    );
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;

  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const kubeconfig = file(
    'webhook.kubeconfig',
    `# Kubernetes API version
apiVersion: v1
# kind of the API object
kind: Config
clusters:
  - name: name-of-remote-authz-service
    cluster:
      certificate-authority: ${file('webhook-ca.pem', authority.certPem)}
      server: https://127.0.0.1:${String(port)}/authorize
users:
  - name: name-of-api-server
    user:
      client-certificate: ${file('webhook-client.pem', client.certPem)}
      client-key: ${file('webhook-client-key.pem', client.keyPem)}
current-context: webhook
contexts:
- context:
    cluster: name-of-remote-authz-service
    user: name-of-api-server
  name: webhook
`,
  );

  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return {
    kubeconfig,
    received,
    get answer() {
      return answer;
    },
    set answer(next) {
      answer = next;
    },
    pause: stop,
    async resume() {
      server = await listen(port);
    },
    close: stop,
  };
}
