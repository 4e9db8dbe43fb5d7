import type { Clock, MetricsRegistry, Monotonic, Random, WallClock } from '@reckon/kernel';
import {
  type Authenticator,
  type TokenAuthenticator,
  type TokenIssuer,
  type TokenKey,
  basicAuthenticator,
  bootstrapTokens,
  createAuthenticator,
  parsePasswordFile,
  parseTokenFile,
  serviceAccountTokens,
  staticTokens,
  tokenIssuer,
  tokenKeys,
  tokenUnion,
} from '@reckon/serve/authn';
import type { Storage } from '@reckon/store/contract';
import type { AgentIdentity } from './agent-identities';
import type { FurtherAuthentication } from './read-authentication';
import { type MarkParts, markTokenUsed } from './mark-token-used';
import { readTokenFile } from './read-token-file';
import { requestAuthenticators } from './request-authenticators';
import type { ServiceAccountKeys } from './service-account-keys';
import { tokenUseMetrics } from './token-use-metrics';

export interface AuthenticationParts extends MarkParts {
  readonly options: {
    readonly anonymousAuth: boolean;
    readonly tokenAuthFile?: string;
    readonly authentication?: FurtherAuthentication;
  };
  readonly storage: Storage;
  /** PEM of the authorities of users' certificates; asked each time. */
  readonly clientCaPem: () => string;
  /** The same of front proxies, where there may be any. */
  readonly frontProxyCaPem: () => string;
  readonly serviceAccounts: ServiceAccountKeys;
  readonly agentTokens: readonly AgentIdentity[];
  /** What others vouch for, after all that this server knows itself. */
  readonly foreignTokens?: readonly TokenAuthenticator[];
  readonly clock: Clock & WallClock & Monotonic;
  readonly random: Random;
  readonly metrics: MetricsRegistry;
}

/** Who asks. */
export interface Authentication {
  readonly authenticator: Authenticator;
  /** Bearer tokens alone, as TokenReviews ask for them. */
  readonly tokens: TokenAuthenticator;
  readonly audiences: readonly string[];
  readonly issuer: TokenIssuer;
  /** Every key that tokens of service accounts may be signed with. */
  readonly keys: readonly TokenKey[];
  /** What `--token-auth-file` holds now. Throws what is wrong with it, and changes nothing. */
  readonly useTokenFile: (text: string) => void;
  /** The same of `--basic-auth-file`. */
  readonly usePasswordFile: (text: string) => void;
}

const nothingFurther = { anonymous: undefined, frontProxy: undefined, passwords: undefined, bootstrapTokens: false };

/** All ways to authenticate, in upstream's order (pkg/kubeapiserver/authenticator `Config.New`). */
export function createAuthentication(parts: AuthenticationParts): Authentication {
  const { options, storage, serviceAccounts, clock, random } = parts;
  const { authentication: further = nothingFurther } = options;
  const { issuers, signingKeyPem: key } = serviceAccounts;
  const audiences = apiAudiences(serviceAccounts);
  const issuer = tokenIssuer({ key, issuer: issuers[0] ?? '', clock, random });
  const keys = distinctKeys([issuer.key, ...serviceAccounts.keyPems.flatMap((pem) => tokenKeys(pem))]);
  let fileTokens = staticTokens(readTokenFile(options.tokenAuthFile), audiences);
  const tokens = tokenUnion([
    staticTokens(parts.agentTokens, audiences),
    { authenticateToken: (token, wanted) => fileTokens.authenticateToken(token, wanted) },
    serviceAccountTokens({
      issuers,
      keys,
      apiAudiences: audiences,
      storage,
      clock,
      ...(serviceAccounts.lookup === undefined ? {} : { lookup: serviceAccounts.lookup }),
      count: tokenUseMetrics(parts.metrics),
      markUsed: markTokenUsed(parts),
    }),
    ...(further.bootstrapTokens ? [bootstrapTokens({ storage, apiAudiences: audiences, clock })] : []),
    // Last, since it may cost a question to somebody else.
    ...(parts.foreignTokens ?? []),
  ]);
  let passwords = basicAuthenticator(further.passwords?.known ?? []);
  const basic: Authenticator = { name: 'basic', authenticate: (request) => passwords.authenticate(request) };
  const authenticator = createAuthenticator({
    requests: requestAuthenticators({
      further: { ...further, basic: further.passwords === undefined ? undefined : basic },
      clientCaPem: parts.clientCaPem,
      frontProxyCaPem: parts.frontProxyCaPem,
      clock,
      metrics: parts.metrics,
    }),
    tokens,
    anonymous: further.anonymous ?? options.anonymousAuth,
    // With -v 1: whoever sends what is no good can send much of it.
    refused: (error) => parts.logger.info('unable to authenticate the request', { error }),
  });
  return {
    authenticator,
    tokens,
    audiences,
    issuer,
    keys,
    useTokenFile(text) {
      fileTokens = staticTokens(parseTokenFile(text), audiences);
    },
    usePasswordFile(text) {
      passwords = basicAuthenticator(parsePasswordFile(text));
    },
  };
}

/** For whom tokens must be that are shown to this server. */
export const apiAudiences = ({ audiences, issuers }: ServiceAccountKeys): readonly string[] =>
  audiences.length === 0 ? issuers : audiences;

const distinctKeys = (keys: readonly TokenKey[]): readonly TokenKey[] => [
  ...new Map(keys.map((key) => [key.id, key])).values(),
];
