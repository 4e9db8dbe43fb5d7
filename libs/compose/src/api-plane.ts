import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import {
  type Clock,
  type Logger,
  type MetricsRegistry,
  type Monotonic,
  type Random,
  RunningSet,
  type Timers,
  type WallClock,
} from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import { type CallingOut, type TolerationSeconds, createAdmission } from '@reckon/serve/admission';
import {
  type TokenAuthenticator,
  keySetDocument,
  openidConfigurationDocument,
  webhookClient,
} from '@reckon/serve/authn';
import { escalationCheck } from '@reckon/serve/authz';
import { type ApiServer, type ApiServerOptions, createApiServer } from '@reckon/serve/http';
import { type KubeletAddress, podLogHandler, simulatedContainerHandler } from '@reckon/serve/subresources';
import type { OpenStorage } from '@reckon/store/storage';
import type { AgentIdentity } from './agent-identities';
import { type Authorization, createAuthorizers } from './authorizers';
import type { ClusterOptions } from './cluster-options';
import type { AdmissionConfiguration } from './config/admission-config';
import { createAuthentication } from './create-authentication';
import { fieldDescriptions } from './field-descriptions';
import { followFiles } from './follow-files';
import type { FurtherAuthentication } from './read-authentication';
import { coreStore } from './registry';
import type { ServiceAccountKeys } from './service-account-keys';
import { subresourceHandlers } from './subresource-handlers';
import { systemContext, systemWrite } from './system-context';

export interface ApiPlaneParts {
  readonly options: Pick<
    ClusterOptions,
    'anonymousAuth' | 'tokenAuthFile' | 'enableAdmissionPlugins' | 'disableAdmissionPlugins'
  > & {
    readonly authentication?: FurtherAuthentication;
    readonly authorization: Authorization;
    readonly admissionConfiguration?: AdmissionConfiguration;
    readonly tolerationSeconds?: TolerationSeconds;
    readonly limits?: ApiServerOptions['limits'];
    readonly shutdown?: ApiServerOptions['shutdown'];
    readonly allowsOrigin?: ApiServerOptions['allowsOrigin'];
    readonly http2?: ApiServerOptions['http2'];
  };
  /** For what admission changes; default: nothing is set. */
  readonly defaultsOf?: CallingOut['defaultsOf'];
  readonly kinds: KindRegistry;
  readonly storage: OpenStorage;
  readonly storeOf: (row: ResourceRow) => ResourceStore | undefined;
  readonly tls: NonNullable<ApiServerOptions['tls']>;
  readonly serviceAccounts: ServiceAccountKeys;
  readonly agentTokens: readonly AgentIdentity[];
  /** PEM of the authorities of users' certificates alone; default: those of `tls`, which may know front proxies too. */
  readonly clientCaPem?: () => string;
  /** PEM of the authorities of front proxies; default: those that were read at the start. */
  readonly frontProxyCaPem?: () => string;
  /** Tokens that others vouch for. */
  readonly foreignTokens?: readonly TokenAuthenticator[];
  readonly kubelet: (nodeName: string) => KubeletAddress;
  readonly audit?: ApiServerOptions['audit'];
  readonly flowControl?: ApiServerOptions['flowControl'];
  readonly health?: ApiServerOptions['health'];
  readonly noteFailure?: ApiServerOptions['noteFailure'];
  readonly logsRequests?: ApiServerOptions['logsRequests'];
  readonly configz?: ApiServerOptions['configz'];
  readonly flags?: ApiServerOptions['flags'];
  /** `host:port` by which the server names itself, once it listens. */
  readonly advertise: NonNullable<ApiServerOptions['advertise']>;
  /** What `/history` reads. */
  readonly history?: ApiServerOptions['history'];
  /** Prometheus text of the threads beside this one. */
  readonly furtherMetrics?: () => Promise<string>;
  readonly strictTransportSecurity?: ApiServerOptions['strictTransportSecurity'];
  /** For `/debug/encryption`. */
  readonly encryptionState?: () => Promise<object>;
  /** For `/debug/relay`; null while there is no relay. */
  readonly relayState?: () => Promise<object | null>;
  readonly clock: Clock & WallClock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** The server plane over a storage, in the order in which a request meets it. */
export function createApiPlane(parts: ApiPlaneParts): ApiServer {
  const { options, kinds, storage, storeOf, serviceAccounts, clock, random } = parts;

  // Who asks.
  const { authenticator, tokens, audiences, issuer, keys, useTokenFile, usePasswordFile } = createAuthentication({
    ...parts,
    clientCaPem: parts.clientCaPem ?? (() => parts.tls.clientCa ?? ''),
    frontProxyCaPem: parts.frontProxyCaPem ?? (() => options.authentication?.frontProxy?.caPem ?? ''),
  });
  const followed = new RunningSet();
  const follow = (what: string, file: string | undefined, use: (text: string) => void): void => {
    if (file === undefined) return;
    followed.add(followFiles({ ...parts, what, files: [file], use: ([text = '']) => use(text) }));
  };
  follow('static tokens', options.tokenAuthFile, useTokenFile);
  follow('passwords', options.authentication?.passwords?.file, usePasswordFile);

  // What they may.
  const authorizers = createAuthorizers(options.authorization, parts);
  const { authorizer, rbac } = authorizers;

  // What is made of it.
  const imageBackend = options.admissionConfiguration?.imagePolicy;
  const admission = createAdmission({
    storage,
    random,
    timers: parts.timers,
    enable: options.enableAdmissionPlugins ?? [],
    disable: options.disableAdmissionPlugins ?? [],
    configurations: options.admissionConfiguration?.configurations ?? {},
    ...(imageBackend === undefined ? {} : { imagePolicy: { client: webhookClient(imageBackend), clock } }),
    callingOut: {
      storage,
      kinds,
      defaultsOf: parts.defaultsOf ?? (() => undefined),
      clock,
      timers: parts.timers,
      logger: parts.logger,
      credentials: options.admissionConfiguration?.credentials ?? {},
    },
    timing: { metrics: parts.metrics, clock: parts.clock },
    kinds,
    createNamespace: async (name) => {
      const context = systemContext({ clock, random, agent: 'kube-apiserver' });
      await coreStore(kinds, storeOf, 'namespaces').create(context, '', { metadata: { name } }, systemWrite('v1'));
    },
    ...(options.tolerationSeconds === undefined ? {} : { tolerationSeconds: options.tolerationSeconds }),
    authorizer,
    escalation: escalationCheck({ policy: rbac, authorizer }),
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
    ...(parts.audit === undefined ? {} : { audit: parts.audit }),
    ...(parts.flowControl === undefined ? {} : { flowControl: parts.flowControl }),
    storage,
    ...(parts.history === undefined ? {} : { history: parts.history }),
    metrics: parts.metrics,
    ...(parts.furtherMetrics === undefined ? {} : { furtherMetrics: parts.furtherMetrics }),
    ...(parts.health === undefined ? {} : { health: parts.health }),
    ...(parts.noteFailure === undefined ? {} : { noteFailure: parts.noteFailure }),
    ...(parts.logsRequests === undefined ? {} : { logsRequests: parts.logsRequests }),
    ...(parts.configz === undefined ? {} : { configz: parts.configz }),
    ...(parts.flags === undefined ? {} : { flags: parts.flags }),
    advertise: parts.advertise,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.http2 === undefined ? {} : { http2: options.http2 }),
    ...(options.shutdown === undefined ? {} : { shutdown: options.shutdown }),
    ...(options.allowsOrigin === undefined ? {} : { allowsOrigin: options.allowsOrigin }),
    clock,
    monotonic: clock,
    timers: parts.timers,
    random,
    logger: parts.logger,
    tls: parts.tls,
    ...(parts.strictTransportSecurity === undefined ? {} : { strictTransportSecurity: parts.strictTransportSecurity }),
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
      ...(parts.encryptionState === undefined ? {} : { encryption: parts.encryptionState }),
      ...(parts.relayState === undefined ? {} : { relay: parts.relayState }),
    },
  });
  return {
    ...server,
    async stop() {
      await server.stop();
      admission.stop();
      await authorizers.stop();
      await followed.stop();
    },
  };
}
