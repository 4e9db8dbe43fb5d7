import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** A TCP proxy whose connections a test cuts: what it carries ends in the middle, as when a cable is pulled. */
export interface CuttingProxy {
  readonly port: number;
  /** How many connections have been cut. */
  readonly cuts: number;
  /** Resets every open connection. */
  cutAll(): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const target = connect(targetPort, '127.0.0.1');
    open.add(socket);
    const end = (): void => {
      open.delete(socket);
      socket.destroy();
      target.destroy();
    };
    for (const each of [socket, target]) each.once('error', end).once('close', end);
    socket.pipe(target).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let cuts = 0;
  const cutAll = (): void => {
    cuts += open.size;
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get cuts() {
      return cuts;
    },
    cutAll,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
