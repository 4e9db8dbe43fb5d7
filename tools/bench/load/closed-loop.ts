import type { Figure } from '../rows';
import type { Target } from '../target';
import { type Client, openClient } from './client';
import { Latencies } from './latencies';

export interface ClosedLoop {
  readonly clients: number;
  /** Ends after this time, or after `total` requests. */
  readonly seconds: number;
  readonly total?: number;
  /** The first part of the time is not measured: compilers warm up, connections open. */
  readonly warmupSeconds: number;
  readonly send: (client: Client, sequence: number, index: number) => Promise<{ readonly status: number }>;
}

/** As many clients as asked, each sending its next request when the last one was answered. */
export async function closedLoop(target: Target, loop: ClosedLoop): Promise<Figure & { readonly sent: number }> {
  const clients = Array.from({ length: loop.clients }, () => openClient(target));
  const latencies = new Latencies();
  const start = performance.now();
  const measuredFrom = start + loop.warmupSeconds * 1000;
  const end = start + (loop.seconds + loop.warmupSeconds) * 1000;
  let sequence = 0;
  const send = async (client: Client, index: number): Promise<void> => {
    for (;;) {
      const sentAt = performance.now();
      if (sentAt >= end || (loop.total !== undefined && sequence >= loop.total)) return;
      const { status } = await loop.send(client, sequence++, index);
      if (status >= 300) throw new Error(`the server answered ${String(status)}`);
      if (sentAt >= measuredFrom) latencies.add(performance.now() - sentAt);
    }
  };
  await Promise.all(clients.map(send));
  const seconds = (performance.now() - measuredFrom) / 1000;
  for (const client of clients) client.close();
  return { value: latencies.count / seconds, ...latencies.summary(), sent: sequence };
}
