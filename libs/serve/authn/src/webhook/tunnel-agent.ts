import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A connection to a server by way of others. */
export type OpenTunnel = (host: string, port: number) => Promise<Socket>;

type Created = (error: Error | null, socket: Duplex) => void;

/** An agent whose TLS connections go through tunnels. */
export const tunnelAgent = (options: AgentOptions, tunnel: OpenTunnel): Agent => new TunnelAgent(options, tunnel);

class TunnelAgent extends Agent {
  constructor(
    options: AgentOptions,
    private readonly tunnel: OpenTunnel,
  ) {
    super(options);
  }

  override createConnection(options: RequestOptions, created?: Created): Duplex | null | undefined {
    this.tunnel(options.host ?? '', Number(options.port ?? 443)).then(
      (socket) => {
        const secure = super.createConnection(Object.assign(options, { socket }));
        if (secure != null) created?.(null, secure);
      },
      (error: unknown) => {
        // Node looks at the error alone then.
        created?.(error instanceof Error ? error : new Error(String(error)), undefined as never);
      },
    );
    return undefined;
  }
}
