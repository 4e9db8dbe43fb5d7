import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKubeconfig } from '@reckon/testkit';

/** A request with a body, as a client sent it. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface RecordingProxy {
  /** For clients: leads to the proxy, without TLS or credentials. */
  readonly kubeconfig: string;
  readonly recorded: readonly Recorded[];
  close(): Promise<void>;
}

/** Stands between a client and the server of a kubeconfig, speaks with the server as its administrator, and keeps every body. */
export async function startRecordingProxy(kubeconfig: string): Promise<RecordingProxy> {
  const { server, caPem, certPem, keyPem } = readKubeconfig(kubeconfig);
  const agent = new Agent({ ca: caPem, cert: certPem, key: keyPem, keepAlive: true });
  const recorded: Recorded[] = [];

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = incoming;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (body.length > 0) recorded.push({ method, path: url, contentType: headers['content-type'] ?? '', body });
    const sent = request(
      `${server}${url}`,
      { method, headers: { ...headers, host: new URL(server).host }, agent },
      (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
      },
    );
    sent.once('error', () => outgoing.destroy());
    outgoing.once('close', () => sent.destroy());
    sent.end(body);
  };

  const proxy = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'reckon-recording-'));
  const file = join(folder, 'kubeconfig');
  const url = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'proxy', cluster: { server: url } }],
      users: [{ name: 'nobody', user: {} }],
      contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'nobody' } }],
      'current-context': 'proxy',
    }),
  );
  return {
    kubeconfig: file,
    recorded,
    async close() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      agent.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
