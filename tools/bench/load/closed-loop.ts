import type { Figure } from '../rows';
import type { Target } from '../target';
import { Latencies } from './latencies';
import { RawConnection } from './raw-connection';

export interface ClosedLoop {
  readonly clients: number;
  /** Ends after this time, or after `total` requests. */
  readonly seconds: number;
  readonly total?: number;
  /** The first part of the time is not measured: compilers warm up, connections open. */
  readonly warmupSeconds: number;
  readonly send: (connection: RawConnection, sequence: number, client: number) => Promise<{ readonly status: number }>;
}

/** As many clients as asked, each sending its next request when the last one was answered. */
export async function closedLoop(target: Target, loop: ClosedLoop): Promise<Figure & { readonly sent: number }> {
  const connections = await Promise.all(Array.from({ length: loop.clients }, () => RawConnection.open(target)));
  const latencies = new Latencies();
  const start = performance.now();
  const measuredFrom = start + loop.warmupSeconds * 1000;
  const end = start + (loop.seconds + loop.warmupSeconds) * 1000;
  let sequence = 0;
  const client = async (connection: RawConnection, index: number): Promise<void> => {
    for (;;) {
      const sentAt = performance.now();
      if (sentAt >= end || (loop.total !== undefined && sequence >= loop.total)) return;
      const { status } = await loop.send(connection, sequence++, index);
      if (status >= 300) throw new Error(`the server answered ${String(status)}`);
      if (sentAt >= measuredFrom) latencies.add(performance.now() - sentAt);
    }
  };
  await Promise.all(connections.map(client));
  const seconds = (performance.now() - measuredFrom) / 1000;
  for (const connection of connections) connection.close();
  return { value: latencies.count / seconds, ...latencies.summary(), sent: sequence };
}
