import { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { createKindRegistry } from '@reckon/api/kinds';
import { type Running, RunningSet, processMetrics } from '@reckon/kernel';
import { type Pki, ensurePki, writeKubeconfig } from '@reckon/pki';
import { createStrategies } from '@reckon/registry/kinds';
import { buildInfo, programVersion } from '@reckon/serve/http';
import { keyText } from '@reckon/store/contract';
import { openSqliteLog } from '@reckon/store/log';
import { type OpenStorage, openStorage } from '@reckon/store/storage';
import type { AgentBasics } from './agents/agent-basics';
import { createApiPlane } from './api-plane';
import { createAuditor } from './audit/create-auditor';
import { apiServiceGroup } from './api-service-condition';
import { startApiServiceFollower } from './api-service-follower';
import { apiServices } from './bootstrap/api-services';
import type { SystemObject } from './bootstrap/system-objects';
import { bootstrapCluster, ensureSystemObject } from './bootstrap/bootstrap-cluster';
import { componentAuthentication } from './bootstrap/component-authentication';
import { kubernetesService } from './bootstrap/kubernetes-service';
import { certificateReaders } from './certificate-readers';
import { componentStatuses } from './component-statuses';
import { apiAudiences } from './create-authentication';
import { withOwnFrontProxy } from './own-front-proxy';
import { type DataDirectory, markBirth } from './data-directory';
import { encryptionState } from './encryption/encryption-state';
import { followEncryption } from './encryption/follow-encryption';
import { startEventExpiry } from './event-expiry';
import type { FatalChannel } from './fatal-channel';
import { flowControlGroup } from './flow-schema-condition';
import { startFlowControl } from './start-flow-control';
import { startFlowSchemaFollower } from './flow-schema-follower';
import { startForeignTokens } from './foreign-tokens';
import { startHistoryCheck } from './history-check';
import { hostAddress } from './host-address';
import { startLegacyTokenTracking } from './legacy-token-tracking';
import { listenError } from './listen-error';
import { neighbourProbes } from './probe-health-page';
import { startRelayThread } from './relay-thread';
import { coreStore, createStores, servedStore } from './registry';
import { startRetention } from './retention';
import { serverHealth } from './server-health';
import type { ServerOptions } from './server-options';
import { ownServiceAccountKeys } from './service-account-keys';
import { followedTls } from './followed-tls';
import { firstServiceAddress } from './service-network';
import { systemContext } from './system-context';
import type { TimeSpent } from './time-spent';
import { workerScript } from './worker-script';
import { writeFailures } from './write-failures';

export interface ServerPlane extends Running {
  readonly port: number;
  /** `https://127.0.0.1:6443`, for programs of this machine. */
  readonly server: string;
  readonly storage: OpenStorage;
  readonly pki: Pki;
  /** What clients verify the server by, PEM. */
  readonly serverCaPem: string;
}

export interface ServerPlaneParts extends AgentBasics {
  readonly directory: DataDirectory;
  /** A log was made in the directory before: one that is missing or empty is refused. */
  readonly hadLog: boolean;
  /** The log that its log is a copy of: what is wrong with it is told of that one. */
  readonly copyOf?: string;
  readonly options: ServerOptions;
  readonly fatal: FatalChannel;
  readonly spent: TimeSpent;
}

/** The apiserver over the log of a data directory. Resolves when it serves a cluster that has what every cluster has. In flow order. */
export async function startServerPlane(parts: ServerPlaneParts): Promise<ServerPlane> {
  const { directory, hadLog, copyOf, options, fatal, spent, ...basics } = parts;
  const running = new RunningSet();
  try {
    const serviceIp = firstServiceAddress(options.serviceClusterIpRange);
    const { encryption } = options;
    const hosts = [options.bindAddress, options.advertiseAddress ?? '', ...options.hosts];
    const opening = openSqliteLog({
      file: directory.log,
      ...(copyOf === undefined ? {} : { fileName: copyOf }),
      wasBorn: hadLog,
      workers: { writer: workerScript('log-writer'), reader: workerScript('log-reader') },
      random: basics.random,
      failpoints: process.env['RECKON_FAILPOINTS'] ?? '',
      ...(encryption === undefined ? {} : { encryption: encryption.options }),
      onRewrapped: (entries) => {
        basics.logger.info('data keys are wrapped by the first key of the encryption configuration', { entries });
      },
      ...logPages(process.env['RECKON_MAX_LOG_PAGES']),
    });
    // The log and the certificates need not wait for each other.
    const certificates = ensurePki(directory.pki, {
      clock: basics.clock,
      serviceIp,
      hosts: hosts.filter((host) => !['', '0.0.0.0', '::'].includes(host)),
    });
    // Told below, and only if nothing is wrong with the log.
    certificates.catch(() => undefined);
    const log = await opening;
    running.add({ stop: () => log.close() });
    markBirth(directory, log.id);
    const pki = await certificates;
    log.onFatal(fatal.raise);
    // Publishes what is in the log, from a thread and a connection of its own: it ends after the last write.
    const { relay: published, verbosity, loggingFormat } = options;
    const logging = { verbosity, ...(loggingFormat === undefined ? {} : { loggingFormat }) };
    const relay =
      published === undefined
        ? undefined
        : running.add(
            startRelayThread({
              file: directory.log,
              relay: published,
              ...logging,
              logger: basics.logger,
              ...(encryption === undefined ? {} : { encryption: encryption.options }),
            }),
          );
    if (relay !== undefined)
      log.onGrown(() => {
        relay.grown();
      });
    if (encryption !== undefined) {
      let { keys } = encryption.options;
      running.add(
        followEncryption({
          ...basics,
          choice: encryption,
          async use(next) {
            // Who reads beside the log first, and with the keys of before too: the log may refuse the new ones.
            relay?.decrypt({ ...next, keys: [...next.keys, ...keys] });
            await log.encrypt(next);
            ({ keys } = next);
          },
        }),
      );
    }
    spent.mark('log and certificates');

    // State: a fold of the log.
    const { eventTtlMs } = options;
    const ttl = eventTtlMs === undefined ? {} : { ttlMs: eventTtlMs };
    const storage = running.add(await openStorage({ ...basics, log, onFatal: fatal.raise }));
    spent.mark('state');

    // The server plane.
    processMetrics(basics.metrics, basics.clock);
    buildInfo(basics.metrics);
    basics.metrics.gaugesOf(
      'apiserver_storage_size_bytes',
      'Bytes of the files of the event log.',
      ['storage_cluster_id'],
      () => [[[log.id], sizeOf(directory.log) + sizeOf(`${directory.log}-wal`)]],
    );
    const kinds = createKindRegistry();
    const resources = () => kinds.resources().map((row) => row.storage);
    running.add(startRetention({ ...basics, rules: options.retention, resources, log, storage }));
    const strategies = createStrategies({
      serviceClusterIpRange: options.serviceClusterIpRange,
      serviceNodePorts: { low: options.serviceNodePortRange.from, high: options.serviceNodePortRange.to },
      random: basics.random,
      certificates: certificateReaders,
    });
    const computed = { '/componentstatuses': componentStatuses(options.componentProbes ?? neighbourProbes) };
    const storeOf = createStores({
      ...{ kinds, storage, strategies, random: basics.random, computed },
      ...(encryption === undefined ? {} : { isStale: (key, revision) => log.isStale(keyText(key), revision) }),
    });
    const agent = `kube-apiserver/${programVersion}`;
    running.add(startEventExpiry({ ...basics, ...ttl, storage, agent, events: coreStore(kinds, storeOf, 'events') }));
    const authentication =
      options.authentication !== undefined && options.hasOwnFrontProxy === true
        ? withOwnFrontProxy(options.authentication, pki.frontProxyCaPem)
        : options.authentication;
    const tls = followedTls({
      own: pki,
      security: options.tls,
      opened: options.tlsFiles,
      frontProxy: authentication?.frontProxy,
    });
    const componentsTrust = (): SystemObject =>
      componentAuthentication(
        tls.clientCaPem(),
        authentication?.frontProxy && { ...authentication.frontProxy, caPem: tls.frontProxyCaPem() },
      );
    const localHost = ['0.0.0.0', '::'].includes(options.bindAddress) ? '127.0.0.1' : options.bindAddress;
    let isBootstrapped = false;
    let logFailure: string | undefined;
    fatal.raised.catch((error: unknown) => {
      logFailure = error instanceof Error ? error.message : String(error);
    });
    const certificateEndsMs = Date.parse(new X509Certificate(pki.serving.certPem).validTo);
    const serviceAccounts = (options.serviceAccounts ?? ownServiceAccountKeys)(pki);
    const foreign =
      authentication === undefined
        ? undefined
        : running.add(
            await startForeignTokens(authentication, {
              ...basics,
              apiAudiences: apiAudiences(serviceAccounts),
              ownIssuers: serviceAccounts.issuers,
            }),
          );
    const audit = options.audit === undefined ? undefined : running.add(await createAuditor(options.audit, basics));
    const flowControl =
      options.flowControlSeats === undefined
        ? undefined
        : running.add(
            startFlowControl({ ...basics, storage, serverSeats: options.flowControlSeats, limits: options.limits }),
          );
    const refusedChanges = writeFailures({ storage, monotonic: basics.clock, logger: basics.logger });
    const api = createApiPlane({
      ...basics,
      noteFailure: refusedChanges.note,
      logsRequests: options.verbosity >= requestsVerbosity,
      options: authentication === undefined ? options : { ...options, authentication },
      kinds,
      storage,
      storeOf,
      // Those that the registry sets of what came in the body.
      defaultsOf(row, subresource) {
        const of = strategies.of(row.group, row.resource);
        return of?.subresources[subresource]?.defaults ?? of?.strategy.defaults;
      },
      history: log,
      tls: tls.material(),
      clientCaPem: tls.clientCaPem,
      frontProxyCaPem: tls.frontProxyCaPem,
      ...(options.strictTransportSecurity === undefined
        ? {}
        : { strictTransportSecurity: options.strictTransportSecurity }),
      encryptionState: async () => (encryption === undefined ? [] : encryptionState(await log.wrappingKeys())),
      ...(foreign === undefined ? {} : { foreignTokens: foreign.members }),
      serviceAccounts,
      agentTokens: options.agentTokens ?? [],
      kubelet: options.kubelet({ storage, pki }),
      furtherMetrics: async () => {
        const texts = await Promise.all([options.agentsMetrics?.(), relay?.metrics()]);
        return texts.map((text) => text ?? '').join('');
      },
      relayState: async () => (await relay?.state()) ?? null,
      ...(options.configz === undefined ? {} : { configz: options.configz }),
      ...(options.flags === undefined ? {} : { flags: options.flags }),
      advertise: () => authority(options.externalHostname ?? options.advertiseAddress ?? localHost, port),
      ...(audit === undefined ? {} : { audit }),
      ...(flowControl === undefined ? {} : { flowControl }),
      health: serverHealth({
        logFailure: () => logFailure,
        writeFailure: refusedChanges.current,
        isBootstrapped: () => isBootstrapped,
        isCertificateValid: () => basics.clock.wallMs() < certificateEndsMs,
      }),
    });
    running.add(api);
    const { port } = await api
      .listen({
        host: options.bindAddress,
        port: options.port,
        ...(options.hasSocket ? { unixSocket: directory.socket } : {}),
      })
      .catch((error: unknown) => {
        throw listenError(error, { address: options.bindAddress, port: options.port, portFlag: options.portFlag });
      });
    options.signal?.throwIfAborted();
    spent.mark('listen');

    const address = options.advertiseAddress ?? hostAddress();
    await bootstrapCluster({
      kinds,
      storeOf,
      storage,
      ctx: systemContext({ ...basics, agent }),
      whole: { random: basics.random, serviceCidrs: options.serviceClusterIpRange.split(',') },
      further: [
        ...apiServices(kinds),
        componentsTrust(),
        ...kubernetesService({ clusterIp: serviceIp, port, ...(address === undefined ? {} : { address }) }),
      ],
    });
    const flowSchemas = servedStore(kinds, storeOf, flowControlGroup, 'flowschemas');
    running.add(startFlowSchemaFollower({ ...basics, storage, agent, flowSchemas }));
    const apiServiceStore = servedStore(kinds, storeOf, apiServiceGroup, 'apiservices');
    running.add(startApiServiceFollower({ ...basics, storage, agent, apiServices: apiServiceStore }));
    const configMaps = coreStore(kinds, storeOf, 'configmaps');
    running.add(startLegacyTokenTracking({ ...basics, storage, agent, configMaps }));
    running.add(
      tls.follow({
        ...basics,
        async use(material) {
          api.useTls(material);
          await ensureSystemObject(
            { kinds, storeOf, storage, ctx: systemContext({ ...basics, agent }) },
            componentsTrust(),
          );
        },
      }),
    );
    isBootstrapped = true;
    const server = `https://${authority(localHost, port)}`;
    const serverCaPem = tls.serverCaPem();
    await writeKubeconfig({
      path: directory.kubeconfig,
      server,
      caPem: serverCaPem,
      user: { cert: pki.admin.certPem, key: pki.admin.keyPem },
      userName: 'kubernetes-admin',
      context: 'reckon',
    });
    running.add(startHistoryCheck({ ...basics, log, file: copyOf ?? directory.log }));
    spent.mark('bootstrap');
    return { port, server, storage, pki, serverCaPem, stop: () => running.stop() };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

const authority = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** As upstream's `withLoggingLevel`. */
const requestsVerbosity = 3;

/** A full disk in a test: the log takes no more than so many pages of 4 KiB. */
const logPages = (text: string | undefined): { maxPages?: number } =>
  text === undefined || text === '' ? {} : { maxPages: Number(text) };
