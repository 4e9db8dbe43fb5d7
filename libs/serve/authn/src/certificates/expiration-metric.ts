import type { MetricsRegistry, WallClock } from '@reckon/kernel';
import type { PeerCertificate } from '../authenticator';

const [minute, hour, day] = [60, 3600, 86_400];
const bounds = [
  0,
  30 * minute,
  hour,
  2 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  4 * day,
  7 * day,
  30 * day,
  90 * day,
  180 * day,
  360 * day,
];

/** How long the certificates that users show will hold: of each request, good or not (authentication/request/x509). */
export function expirationMetric(metrics: MetricsRegistry, clock: WallClock): (peer: PeerCertificate) => void {
  const observe = metrics
    .histogram(
      'apiserver_client_certificate_expiration_seconds',
      'How long the certificate by which a request came will hold.',
      bounds,
    )
    .of();
  return ({ notAfterMs }) => {
    observe((notAfterMs - clock.wallMs()) / 1000);
  };
}
