import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startCuttingProxy } from './cutting-proxy';

describe('a cutting proxy', () => {
  it('carries bytes both ways until its connections are cut', async () => {
    const echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const proxy = await startCuttingProxy((echo.address() as AddressInfo).port);
    const socket = connect(proxy.port, '127.0.0.1');
    const first = new Promise<string>((resolve) => {
      socket.once('data', (chunk: Buffer) => {
        resolve(chunk.toString());
      });
    });
    socket.write('there and back');
    expect(await first).toBe('there and back');
    const broken = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
    proxy.cutAll();
    expect((await broken).code).toBe('ECONNRESET');
    expect(proxy.cuts).toBe(1);
    await proxy.close();
    await new Promise((resolve) => echo.close(resolve));
  });
});
