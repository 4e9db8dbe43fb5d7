import { createHash } from 'node:crypto';
import type { MetricsRegistry, WallClock } from '@reckon/kernel';

/** What is counted of the authenticators of ID tokens, by issuer. */
export interface JwtMetrics {
  /** A token that was not known was looked at. */
  authenticated(issuer: string, isGood: boolean, seconds: number): void;
  /** The keys of a provider were asked for; undefined: in vain. */
  fetched(issuer: string, keySet: string | undefined): void;
  /** Nobody believes it any more: what was said of its keys is not said on (`DeleteJWKSFetchMetrics`). */
  forget(issuer: string): void;
}

const hashOf = (text: string): string =>
  text === '' ? '' : `sha256:${createHash('sha256').update(text).digest('hex')}`;
const seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const prefix = 'apiserver_authentication_jwt_authenticator_';

/** Names and labels as plugin/pkg/authenticator/token/oidc has them; this server has no id to be hashed. */
export function jwtMetrics(metrics: MetricsRegistry, clock: WallClock): JwtMetrics {
  const latency = metrics.histogram(
    `${prefix}latency_seconds`,
    'Time to look at a token that is not remembered.',
    seconds,
    ['result', 'jwt_issuer_hash'],
  );
  const lastTimes = { success: new Map<string, number>(), failure: new Map<string, number>() };
  metrics.gaugesOf(
    `${prefix}jwks_fetch_last_timestamp_seconds`,
    'When the keys of an issuer were last asked for, by what came of it.',
    ['result', 'jwt_issuer_hash', 'apiserver_id_hash'],
    () =>
      Object.entries(lastTimes).flatMap(([result, times]) =>
        [...times].map(([issuer, time]) => [[result, issuer, ''], time] as const),
      ),
  );
  const keySets = new Map<string, string>();
  metrics.gaugesOf(
    `${prefix}jwks_fetch_last_key_set_info`,
    'The keys of an issuer that were last fetched.',
    ['jwt_issuer_hash', 'apiserver_id_hash', 'hash'],
    () => [...keySets].map(([issuer, keySet]) => [[issuer, '', keySet], 1] as const),
  );
  const hashes = new Map<string, string>();
  const issuerHash = (issuer: string): string => {
    let hash = hashes.get(issuer);
    if (hash === undefined) hashes.set(issuer, (hash = hashOf(issuer)));
    return hash;
  };
  return {
    authenticated(issuer, isGood, took) {
      latency.observe(took, isGood ? 'success' : 'failure', issuerHash(issuer));
    },
    fetched(issuer, keySet) {
      const hash = issuerHash(issuer);
      lastTimes[keySet === undefined ? 'failure' : 'success'].set(hash, clock.wallMs() / 1000);
      if (keySet !== undefined) keySets.set(hash, hashOf(keySet));
    },
    forget(issuer) {
      const hash = issuerHash(issuer);
      hashes.delete(issuer);
      for (const known of [lastTimes.success, lastTimes.failure, keySets]) known.delete(hash);
    },
  };
}
