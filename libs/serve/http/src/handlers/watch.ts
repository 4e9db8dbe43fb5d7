import { statusErrors } from '@reckon/api/machinery';
import type { WatchSink } from '@reckon/store/contract';
import type { Exchange } from '../exchange';
import { protobufType } from '../response/negotiate';
import { columnOptions } from '../response/respond-object';
import { TableSink, watchEncoding } from '../watching/watch-encoding';
import { acceptWatchSocket } from '../watching/watch-socket';
import { WatchStream } from '../watching/watch-stream';
import { watchQuery } from './query-options';
import { type Route, storeOf } from './route';

/** WATCH of a collection: over chunked HTTP or a WebSocket, until the time is up, the peer goes or the server stops. */
export async function watch(exchange: Exchange, route: Route): Promise<void> {
  const { server } = exchange;
  const { row } = route;
  const representation = server.negotiator.negotiateWatch(exchange);
  const { query, timeoutMs } = watchQuery(exchange, route);
  if (!row.verbs.includes('watch')) throw statusErrors.methodNotSupported(row, 'watch');
  const columns = columnOptions(exchange, representation);
  const encoding = watchEncoding(server, row, representation, columns);

  const { signal } = exchange;
  let cancelTimeout = (): void => undefined;
  server.watches.add(exchange);
  const isProtobuf = representation.format === 'protobuf';
  const type = isProtobuf ? `${protobufType};stream=watch` : 'application/json';
  const framing = isProtobuf ? 'lengths' : 'lines';
  const count = server.watchEvents.of(row, framing);
  const stream = exchange.upgrade === undefined ? new WatchStream(exchange, type, count) : undefined;
  const forget = (): void => {
    cancelTimeout();
    server.watches.delete(exchange);
  };
  // One that the registry ends is nobody's to abort.
  (exchange.upgrade?.socket ?? exchange.response).once('close', forget);
  signal.addEventListener('abort', () => {
    forget();
    // The hub ends the sink too; the stream takes the first.
    if (!exchange.response.destroyed) stream?.end();
  });
  try {
    const bottom: WatchSink = stream ?? (await acceptWatchSocket(exchange, framing, count));
    const sink = representation.as === 'Table' ? new TableSink(bottom, row, columns) : bottom;
    await storeOf(route).watch(query, sink, signal, encoding);
    stream?.open();
    // Only now: waiting for a revision to come has its own limit.
    if (signal.aborted || exchange.response.writableEnded) return;
    cancelTimeout = server.timers.after(timeoutMs, () => {
      exchange.abort();
    });
  } catch (error) {
    server.watches.delete(exchange);
    throw error;
  }
}
