import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Running } from '@reckon/kernel';
import type { ExtenderConfiguration } from '../config/scheduler-configuration';

/** What it is sent, with fields as Go names them. */
export interface Asked {
  readonly Pod: { readonly metadata: { readonly name: string } };
  readonly Nodes: { readonly items: readonly { readonly metadata: { readonly name: string } }[] } | null;
  readonly NodeNames: readonly string[] | null;
  readonly NodeNameToVictims?: Readonly<
    Record<string, { readonly Pods: readonly { metadata: { uid: string } }[] }>
  > | null;
  readonly NodeNameToMetaVictims?: Readonly<Record<string, { readonly Pods: readonly { UID: string }[] }>> | null;
}

/** JSON; or another status, text that is no JSON, no answer at all, or a connection that ends. */
export type Reply =
  { readonly json: unknown } | { readonly status: number } | { readonly text: string } | 'never' | 'reset';

export interface ExtenderServer extends Running {
  readonly url: string;
  /** `verb`, and what came with it. */
  readonly asked: { readonly verb: string; readonly body: Asked }[];
  /** By verb; what is not here is a 404. */
  readonly replies: Record<string, (body: Asked) => Reply>;
  configuration(more?: Partial<ExtenderConfiguration>): ExtenderConfiguration;
}

export async function startExtenderServer(
  replies: ExtenderServer['replies'],
  tls?: ServerOptions,
): Promise<ExtenderServer> {
  const asked: ExtenderServer['asked'] = [];
  const listener: RequestListener = (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const verb = (request.url ?? '').replace('/scheduler/', '');
      const body = JSON.parse(Buffer.concat(parts).toString()) as Asked;
      asked.push({ verb, body });
      const reply = replies[verb]?.(body) ?? { status: 404 };
      if (reply === 'never') return;
      if (reply === 'reset') request.socket.destroy();
      else if ('status' in reply) response.writeHead(reply.status).end();
      else response.end('text' in reply ? reply.text : JSON.stringify(reply.json));
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}/scheduler`;
  return {
    url,
    asked,
    replies,
    configuration: (more = {}) => ({
      urlPrefix: `${url}/`,
      filterVerb: '',
      preemptVerb: '',
      prioritizeVerb: '',
      bindVerb: '',
      weight: 1,
      timeoutMs: 5_000,
      nodeCacheCapable: false,
      isIgnorable: false,
      managedResources: [],
      ...more,
    }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** The names of the nodes, however they were sent. */
export const nodesAsked = ({ Nodes, NodeNames }: Asked): readonly string[] =>
  NodeNames ?? Nodes?.items.map(({ metadata }) => metadata.name) ?? [];
