import { Agent, request } from 'node:https';
import type { Target } from '../target';

export interface ClientResponse {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * One client with one keep-alive connection and one request at a time, as Node's own `https` makes them. What a request costs the one
 * who sends it belongs to a figure: budgets were set with such clients beside the server, and with a lighter generator the floor does
 * two to four times what the design's column says (docs/designs/write-budgets.md).
 */
export class Client {
  private readonly agent: Agent;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(private readonly target: Target) {
    const { ca, cert, key, token } = target;
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: 1,
      ca,
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
    this.headers = {
      Accept: 'application/json',
      'User-Agent': 'bench',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    };
  }

  request(method: string, path: string, body?: Buffer, contentType = 'application/json'): Promise<ClientResponse> {
    const { agent, headers } = this;
    const { host, port } = this.target;
    return new Promise((resolve, reject) => {
      const entity = body === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': body.length };
      const sent = request({ agent, host, port, method, path, headers: { ...headers, ...entity } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
