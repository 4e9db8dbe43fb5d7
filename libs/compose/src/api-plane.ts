import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { Clock, Logger, MetricsRegistry, Monotonic, Random, Timers } from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import { createAdmission } from '@reckon/serve/admission';
import {
  type TokenKey,
  createAuthenticator,
  keySetDocument,
  openidConfigurationDocument,
  serviceAccountTokens,
  staticTokens,
  tokenIssuer,
  tokenKey,
  tokenUnion,
} from '@reckon/serve/authn';
import { escalationCheck } from '@reckon/serve/authz';
import { type ApiServer, type ApiServerOptions, createApiServer } from '@reckon/serve/http';
import { type KubeletAddress, podLogHandler, simulatedContainerHandler } from '@reckon/serve/subresources';
import type { OpenStorage } from '@reckon/store/storage';
import type { AgentIdentity } from './agent-identities';
import { type AuthorizationMode, createAuthorizers } from './authorizers';
import type { ClusterOptions } from './cluster-options';
import { fieldDescriptions } from './field-descriptions';
import { readTokenFile } from './read-token-file';
import { coreStore } from './registry';
import type { ServiceAccountKeys } from './service-account-keys';
import { subresourceHandlers } from './subresource-handlers';

export interface ApiPlaneParts {
  readonly options: Pick<
    ClusterOptions,
    'anonymousAuth' | 'tokenAuthFile' | 'enableAdmissionPlugins' | 'disableAdmissionPlugins'
  > & {
    readonly authorizationModes: readonly AuthorizationMode[];
    readonly limits?: ApiServerOptions['limits'];
  };
  readonly kinds: KindRegistry;
  readonly storage: OpenStorage;
  readonly storeOf: (row: ResourceRow) => ResourceStore | undefined;
  readonly tls: NonNullable<ApiServerOptions['tls']>;
  readonly serviceAccounts: ServiceAccountKeys;
  readonly agentTokens: readonly AgentIdentity[];
  readonly kubelet: (nodeName: string) => KubeletAddress;
  readonly health?: ApiServerOptions['health'];
  readonly configz?: ApiServerOptions['configz'];
  readonly flags?: ApiServerOptions['flags'];
  /** `host:port` by which the server names itself, once it listens. */
  readonly advertise: NonNullable<ApiServerOptions['advertise']>;
  /** What `/history` reads. */
  readonly history?: ApiServerOptions['history'];
  /** Prometheus text of the threads beside this one. */
  readonly furtherMetrics?: () => Promise<string>;
  /** For `/debug/relay`; null while there is no relay. */
  readonly relayState?: () => Promise<object | null>;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** The server plane over a storage, in the order in which a request meets it. */
export function createApiPlane(parts: ApiPlaneParts): ApiServer {
  const { options, kinds, storage, storeOf, serviceAccounts, clock, random } = parts;

  // Who asks.
  const { issuers } = serviceAccounts;
  const audiences = serviceAccounts.audiences.length === 0 ? issuers : serviceAccounts.audiences;
  const issuer = tokenIssuer({ key: serviceAccounts.signingKeyPem, issuer: issuers[0] ?? '', clock, random });
  const keys = distinctKeys([issuer.key, ...serviceAccounts.keyPems.map((pem) => tokenKey(pem))]);
  const tokens = tokenUnion([
    staticTokens([...parts.agentTokens, ...readTokenFile(options.tokenAuthFile)], audiences),
    serviceAccountTokens({
      issuers,
      keys,
      apiAudiences: audiences,
      storage,
      clock,
    }),
  ]);
  const authenticator = createAuthenticator({ tokens, anonymous: options.anonymousAuth });

  // What they may.
  const authorizers = createAuthorizers(options.authorizationModes, storage);
  const { authorizer, rbac } = authorizers;

  // What is made of it.
  const admission = createAdmission({
    storage,
    random,
    timers: parts.timers,
    enable: options.enableAdmissionPlugins ?? [],
    disable: options.disableAdmissionPlugins ?? [],
    timing: { metrics: parts.metrics, clock: parts.clock },
    authorizer,
    ...(rbac === undefined ? {} : { escalation: escalationCheck({ policy: rbac, authorizer }) }),
  });

  for (const name of admission.notImplemented) parts.logger.warn('admission plugin is not there yet', { name });

  const pods = coreStore(kinds, storeOf, 'pods');
  const simulated = simulatedContainerHandler(pods);
  const connect = {
    log: podLogHandler(pods, parts.kubelet),
    exec: simulated,
    attach: simulated,
    portforward: simulated,
  };
  const server = createApiServer({
    kinds,
    store: storeOf,
    subresource: subresourceHandlers({
      kinds,
      pods,
      storeOf,
      authorizer,
      resolvers: authorizers.resolvers,
      tokenReviews: { tokens, apiAudiences: audiences },
      tokenRequests: {
        storage,
        issuer,
        apiAudiences: audiences,
        extendExpiration: serviceAccounts.extendExpiration,
        ...(serviceAccounts.maxExpirationSeconds === undefined
          ? {}
          : { maxExpirationSeconds: serviceAccounts.maxExpirationSeconds }),
      },
    }),
    connect: (row, subresource) =>
      row.group === '' && row.resource === 'pods' && Object.hasOwn(connect, subresource)
        ? connect[subresource as keyof typeof connect]
        : undefined,
    authenticate: (request) => authenticator.authenticate(request),
    authorize: (attributes) => authorizer.authorize(attributes),
    admission: admission.chain,
    storage,
    ...(parts.history === undefined ? {} : { history: parts.history }),
    metrics: parts.metrics,
    ...(parts.furtherMetrics === undefined ? {} : { furtherMetrics: parts.furtherMetrics }),
    ...(parts.health === undefined ? {} : { health: parts.health }),
    ...(parts.configz === undefined ? {} : { configz: parts.configz }),
    ...(parts.flags === undefined ? {} : { flags: parts.flags }),
    advertise: parts.advertise,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    clock,
    monotonic: clock,
    timers: parts.timers,
    random,
    logger: parts.logger,
    tls: parts.tls,
    openid: {
      configuration: () =>
        openidConfigurationDocument({
          issuer: issuer.issuer,
          jwksUri: serviceAccounts.jwksUri ?? `https://${parts.advertise()}/openid/v1/jwks`,
          keys,
        }),
      keys: () => keySetDocument(keys),
    },
    describe: fieldDescriptions(),
    debug: {
      view: () => storage.describe(),
      watchers: () => storage.describe().watchers,
      ...(parts.relayState === undefined ? {} : { relay: parts.relayState }),
    },
  });
  return {
    ...server,
    async stop() {
      await server.stop();
      authorizers.stop();
    },
  };
}

const distinctKeys = (keys: readonly TokenKey[]): readonly TokenKey[] => [
  ...new Map(keys.map((key) => [key.id, key])).values(),
];
