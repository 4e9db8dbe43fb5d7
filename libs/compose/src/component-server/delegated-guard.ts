import type { KubeObject } from '@reckon/api/machinery';
import { type RestClient, refs } from '@reckon/client/rest';
import type { Logger, MetricsRegistry, Monotonic, WallClock } from '@reckon/kernel';
import { createAuthenticator, handshakeVerifier, x509Authenticator } from '@reckon/serve/authn';
import { type Authorizer, privilegedGroupAuthorizer, unionAuthorizer } from '@reckon/serve/authz';
import { unlessRotated } from '../rotated-authorities';
import { type Guard, type GuardOptions, componentGuard } from './component-guard';
import { delegatedAuthorizer } from './delegated-authorizer';
import { delegatedMetrics } from './delegated-metrics';
import { delegatedTokens } from './delegated-tokens';

export interface DelegatedGuardOptions {
  /** Reviews tokens; undefined: no token is good. */
  readonly tokenReviewer: RestClient | undefined;
  /** Is asked for rights; undefined: everybody may everything. */
  readonly accessReviewer: RestClient | undefined;
  readonly anonymous: boolean;
  readonly tokenKeepMs: number;
  readonly allowedKeepMs: number;
  readonly refusedKeepMs: number;
  readonly attributesOf: GuardOptions['attributesOf'];
  /** PEM of the authorities of client certificates, where they may change; absent: the handshake alone decides. */
  readonly clientCaPem?: () => string;
  readonly clock: Monotonic & WallClock;
  readonly logger: Logger;
  /** Absent: nothing is counted. */
  readonly metrics?: MetricsRegistry;
}

const alwaysAllow: Authorizer = { name: 'AlwaysAllow', authorize: () => ({ allowed: true, reason: '' }) };

/** A component's guard: client certificates are verified by TLS, all else is asked of the apiserver. */
export function delegatedGuard(options: DelegatedGuardOptions): Guard {
  const { tokenReviewer, accessReviewer, clock, logger, metrics } = options;
  const counted = (of: 'authn' | 'authz') => metrics && delegatedMetrics(of, metrics, clock);
  return componentGuard({
    authenticator: createAuthenticator({
      requests: [
        x509Authenticator(
          options.clientCaPem === undefined ? handshakeVerifier(clock) : unlessRotated(options.clientCaPem, clock),
        ),
      ],
      anonymous: options.anonymous,
      tokens:
        tokenReviewer === undefined
          ? { authenticateToken: () => undefined }
          : delegatedTokens(tokenReviewer, {
              keepMs: options.tokenKeepMs,
              clock,
              logger,
              counted: counted('authn'),
            }),
    }),
    authorizer:
      accessReviewer === undefined
        ? alwaysAllow
        : unionAuthorizer([
            privilegedGroupAuthorizer,
            delegatedAuthorizer(accessReviewer, {
              allowedMs: options.allowedKeepMs,
              refusedMs: options.refusedKeepMs,
              clock,
              counted: counted('authz'),
            }),
          ]),
    attributesOf: options.attributesOf,
  });
}

/** The client CA that a cluster publishes for its components; undefined where it cannot be read (apiserver `ClientCAContentProvider`). */
export async function publishedClientCa(rest: RestClient, logger: Logger): Promise<string | undefined> {
  try {
    const map = await rest
      .resource<KubeObject & { readonly data?: Readonly<Record<string, string>> }>(refs.configMaps)
      .get('kube-system', 'extension-apiserver-authentication');
    return map.data?.['client-ca-file'];
  } catch (error) {
    logger.info('the cluster names no client CA', { error });
    return undefined;
  }
}
