import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import type { Clock, Logger, MetricsRegistry, Monotonic, Random, Timers } from '@reckon/kernel';
import type { Pki } from '@reckon/pki';
import type { ResourceStore } from '@reckon/registry/generic';
import { createAdmission } from '@reckon/serve/admission';
import {
  createAuthenticator,
  keySetDocument,
  openidConfigurationDocument,
  serviceAccountTokens,
  staticTokens,
  tokenIssuer,
  tokenUnion,
} from '@reckon/serve/authn';
import { escalationCheck, privilegedGroupAuthorizer, rbacPolicy, unionAuthorizer } from '@reckon/serve/authz';
import { type ApiServer, createApiServer } from '@reckon/serve/http';
import { type KubeletAddress, podLogHandler, simulatedContainerHandler } from '@reckon/serve/subresources';
import type { OpenStorage } from '@reckon/store/storage';
import type { AgentIdentity } from './agent-identities';
import type { ClusterOptions } from './cluster-options';
import { fieldDescriptions } from './field-descriptions';
import { readTokenFile } from './read-token-file';
import { coreStore } from './registry';
import { serviceAccountIssuer } from './service-account-issuer';
import { subresourceHandlers } from './subresource-handlers';

export interface ApiPlaneParts {
  readonly options: Pick<
    ClusterOptions,
    'anonymousAuth' | 'tokenAuthFile' | 'enableAdmissionPlugins' | 'disableAdmissionPlugins'
  >;
  readonly kinds: KindRegistry;
  readonly storage: OpenStorage;
  readonly storeOf: (row: ResourceRow) => ResourceStore | undefined;
  readonly pki: Pki;
  readonly agentTokens: readonly AgentIdentity[];
  readonly kubelet: (nodeName: string) => KubeletAddress;
  /** Prometheus text of the agents' thread. */
  readonly agentsMetrics: () => Promise<string>;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

const audiences = [serviceAccountIssuer];

/** The server plane over a storage, in the order in which a request meets it. */
export function createApiPlane(parts: ApiPlaneParts): ApiServer {
  const { options, kinds, storage, storeOf, pki, clock, random } = parts;

  // Who asks.
  const issuer = tokenIssuer({ key: pki.serviceAccountKeyPem, issuer: serviceAccountIssuer, clock, random });
  const tokens = tokenUnion([
    staticTokens([...parts.agentTokens, ...readTokenFile(options.tokenAuthFile)], audiences),
    serviceAccountTokens({
      issuers: [serviceAccountIssuer],
      keys: [issuer.key],
      apiAudiences: audiences,
      storage,
      clock,
    }),
  ]);
  const authenticator = createAuthenticator({ tokens, anonymous: options.anonymousAuth });

  // What they may.
  const rbac = rbacPolicy(storage);
  const authorizer = unionAuthorizer([privilegedGroupAuthorizer, rbac]);

  // What is made of it.
  const admission = createAdmission({
    storage,
    random,
    timers: parts.timers,
    enable: options.enableAdmissionPlugins ?? [],
    disable: options.disableAdmissionPlugins ?? [],
    escalation: escalationCheck({ policy: rbac, authorizer }),
  });

  const pods = coreStore(kinds, storeOf, 'pods');
  const simulated = simulatedContainerHandler(pods);
  const connect = {
    log: podLogHandler(pods, parts.kubelet),
    exec: simulated,
    attach: simulated,
    portforward: simulated,
  };
  return createApiServer({
    kinds,
    store: storeOf,
    subresource: subresourceHandlers({
      kinds,
      pods,
      storeOf,
      authorizer,
      resolvers: [privilegedGroupAuthorizer, rbac],
      tokenReviews: { tokens, apiAudiences: audiences },
      tokenRequests: { storage, issuer, apiAudiences: audiences },
    }),
    connect: (row, subresource) =>
      row.group === '' && row.resource === 'pods' && Object.hasOwn(connect, subresource)
        ? connect[subresource as keyof typeof connect]
        : undefined,
    authenticate: (request) => authenticator.authenticate(request),
    authorize: (attributes) => authorizer.authorize(attributes),
    admission: admission.chain,
    storage,
    metrics: parts.metrics,
    furtherMetrics: parts.agentsMetrics,
    clock,
    monotonic: clock,
    timers: parts.timers,
    random,
    logger: parts.logger,
    tls: { cert: pki.serving.certPem, key: pki.serving.keyPem, clientCa: pki.caPem },
    openid: {
      configuration: () =>
        openidConfigurationDocument({
          issuer: serviceAccountIssuer,
          jwksUri: `${serviceAccountIssuer}/openid/v1/jwks`,
          keys: [issuer.key],
        }),
      keys: () => keySetDocument([issuer.key]),
    },
    describe: fieldDescriptions(),
    debug: {
      view: () => storage.describe(),
      watchers: () => storage.describe().watchers,
    },
  });
}
