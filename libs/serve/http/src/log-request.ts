import { durationText } from '@reckon/api/machinery';
import type { Exchange } from './exchange';
import { verbLabel } from './request-metrics';

/** One line for each request when it is over; fields as k8s.io/apiserver/pkg/server/httplog `respLogger.Log` has them. */
export function logRequest(exchange: Exchange): void {
  const { connection, request, seat, server, startedMs, upgrade } = exchange;
  const { remoteAddress, remotePort } = connection;
  server.logger.info('HTTP', {
    verb: verbLabel(exchange),
    URI: request.url ?? '/',
    latency: durationText(server.monotonic.elapsedMs() - startedMs),
    userAgent: exchange.userAgent,
    'audit-ID': exchange.requestId,
    srcIP: remoteAddress === undefined ? '' : hostAndPort(remoteAddress, remotePort ?? 0),
    ...(seat === undefined
      ? {}
      : {
          apf_pl: seat.level.spec.name,
          apf_fs: seat.use.schema,
          apf_iseats: seat.width,
          apf_fseats: 0,
          apf_additionalLatency: '0s',
        }),
    ...(upgrade !== undefined && exchange.isRouted && exchange.code === 0
      ? { hijacked: true }
      : { resp: exchange.code }),
  });
}

const hostAndPort = (address: string, port: number): string =>
  `${address.includes(':') ? `[${address}]` : address}:${String(port)}`;
