import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../exchange';
import { ChunkFramer } from './chunk-framer';
import { WatchStream } from './watch-stream';

describe('a watch stream', () => {
  it('frames chunks that a client reads as one body, and leaves nothing on the connection', async () => {
    const chunks = new ChunkFramer();
    const counted: string[] = [];
    let listeners = { before: -1, after: -2 };
    const server = createServer((request, response) => {
      const { socket } = request;
      const before = socket.listenerCount('drain');
      const stream = new WatchStream(
        { request, response, auditId: 'id', requestId: 'id', server: { chunks } } as unknown as Exchange,
        'application/json',
        (frame) => counted.push(frame.toString()),
      );
      stream.onDrain(() => undefined);
      response.once('close', () => {
        listeners = { before, after: socket.listenerCount('drain') };
      });
      expect(stream.write(Buffer.from('one\n'))).toBe(true);
      stream.write(Buffer.from('two\n'));
      stream.end();
      expect(stream.write(Buffer.from('late\n'))).toBe(true);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const text = await new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => {
          resolve(body);
        });
      }).on('error', reject);
    });
    expect(text).toBe('one\ntwo\n');
    expect(counted).toEqual(['one\n', 'two\n']);
    expect(listeners.after).toBe(listeners.before);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('shares the chunk of a frame that goes to many', () => {
    const framer = new ChunkFramer();
    const frame = Buffer.from('x'.repeat(26));
    const first = framer.chunkOf(frame);
    expect(framer.chunkOf(frame)).toBe(first);
    expect(first.toString()).toBe(`1a\r\n${'x'.repeat(26)}\r\n`);
    expect(framer.chunkOf(Buffer.from('y')).toString()).toBe('1\r\ny\r\n');
  });
});
