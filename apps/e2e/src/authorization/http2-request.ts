import { connect } from 'node:tls';

/** A request as it goes over the wire: what node's own client would refuse to send, or put in order, is sent as it is. */
export interface Http2Request {
  /** Pseudo-headers, too; in this order, as often as they stand here. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export interface Http2Reply {
  /** Of the answer; '' where there is none. */
  readonly body: string;
  /** The server has taken the stream back (RST_STREAM) or ended the connection (GOAWAY) with an error. */
  readonly isReset: boolean;
}

/** RFC 9113, 6 */
const types = { data: 0, headers: 1, rstStream: 3, settings: 4, goAway: 7 } as const;
const flags = { endStream: 0x1, ack: 0x1, endHeaders: 0x4 } as const;
const headBytes = 9;

/** RFC 9113, 4.1 */
function frame(type: number, flag: number, streamId: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** RFC 7541, 5.2: a string without Huffman's code. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const length: number[] = [Math.min(bytes.length, 0x7f)];
  let rest = bytes.length - 0x7f;
  if (rest >= 0) {
    for (; rest >= 0x80; rest >>= 7) length.push((rest & 0x7f) | 0x80);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** Sends it on a connection of its own; resolves when it has an answer to its end, or the server has broken it off. */
export function sendByFrames(url: URL, { headers, body = '' }: Http2Request): Promise<Http2Reply> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let text = '';
    const { hostname: host, port } = url;
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] }, () => {
      // RFC 7541, 6.2.2: literals that are put into no table.
      const block = headers.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]);
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
      socket.write(frame(types.settings, 0, 0));
      socket.write(frame(types.headers, flags.endHeaders, 1, Buffer.concat(block)));
      socket.write(frame(types.data, flags.endStream, 1, Buffer.from(body)));
    });
    const end = (isReset: boolean): void => {
      resolve({ body: text, isReset });
      socket.destroy();
    };
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        if (received.length < headBytes) return;
        const [length, type, flag] = [received.readUIntBE(0, 3), received[3], received[4] ?? 0];
        const streamId = received.readUInt32BE(5);
        if (received.length < headBytes + length) return;
        const payload = received.subarray(headBytes, headBytes + length);
        received = received.subarray(headBytes + length);
        if (type === types.settings && (flag & flags.ack) === 0) socket.write(frame(types.settings, flags.ack, 0));
        if (type === types.data && streamId === 1) text += payload.toString('utf8');
        const isEnd = (type === types.data || type === types.headers) && (flag & flags.endStream) !== 0;
        // 0: nothing is wrong.
        const isReset =
          (type === types.rstStream && streamId === 1 && payload.readUInt32BE(0) !== 0) ||
          (type === types.goAway && payload.readUInt32BE(4) !== 0);
        if (isReset || (isEnd && streamId === 1)) {
          end(isReset);
          return;
        }
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      end(true);
    });
  });
}
