import { createKindRegistry } from '@reckon/api/kinds';
import { MetricsRegistry, type Running, RunningSet, systemClock, systemRandom, systemTimers } from '@reckon/kernel';
import { ensurePki, writeKubeconfig } from '@reckon/pki';
import { createStrategies } from '@reckon/registry/kinds';
import { lockDataDirectory, openSqliteLog } from '@reckon/store/log';
import { openStorage } from '@reckon/store/storage';
import { controllerTable } from '@reckon/control/controllers';
import { versionInfo } from '@reckon/serve/http';
import { allIdentities, newAgentIdentities } from './agent-identities';
import { startAgentsThread } from './agents-thread';
import { createApiPlane } from './api-plane';
import { bootstrapCluster } from './bootstrap/bootstrap-cluster';
import { agentRights } from './bootstrap/agent-rights';
import { kubernetesService } from './bootstrap/kubernetes-service';
import type { ClusterOptions } from './cluster-options';
import { dataDirectory, makeDataDirectory, removeSocketFolder } from './data-directory';
import { firstServiceAddress } from './service-network';
import { hostAddress } from './host-address';
import { createLogger } from './logger';
import { listenHint } from './listen-error';
import { readStageFile } from './read-stage-file';
import { clusterReady } from './readiness';
import { startEventExpiry } from './event-expiry';
import { startRetention } from './retention';
import { coreStore, createStores } from './registry';
import { isServed } from './served-resources';
import { systemContext } from './system-context';
import { TimeSpent } from './time-spent';
import { workerScript } from './worker-script';

export interface Cluster extends Running {
  readonly port: number;
  readonly kubeconfig: string;
  /** Called once when the process can no longer be trusted with the log; it should stop. */
  onFatal(listener: (error: Error) => void): void;
}

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** `reckon up`: the whole cluster in one process. Resolves when it is ready. In flow order, read top-down. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const spent = new TimeSpent(systemClock, options.beganMs);
  spent.mark('load');
  const running = new RunningSet();
  const fatal = fatalChannel();
  const logger = createLogger('apiserver', options.verbosity);
  const metrics = new MetricsRegistry();
  const basics = { clock: systemClock, timers: systemTimers, random: systemRandom, logger, metrics };

  try {
    // The directory is ours from here on, and dies with us.
    const directory = dataDirectory(options.dataDir);
    const stages = await readStageFile(options.podStages);
    makeDataDirectory(directory);
    const lock = lockDataDirectory(directory.folder);
    running.add({
      stop: () => {
        removeSocketFolder(directory);
        lock.release();
        return Promise.resolve();
      },
    });

    // Reads its code while the server plane comes up. If that fails it is stopped with the rest.
    const agents = running.add(startAgentsThread(fatal.raise));

    // The log and the certificates need not wait for each other.
    const serviceIp = firstServiceAddress(options.serviceClusterIpRange);
    const [log, pki] = await Promise.all([
      openSqliteLog({
        file: directory.log,
        workers: { writer: workerScript('log-writer'), reader: workerScript('log-reader') },
        random: systemRandom,
        failpoints: process.env['RECKON_FAILPOINTS'] ?? '',
        ...logPages(process.env['RECKON_MAX_LOG_PAGES']),
      }),
      ensurePki(directory.pki, { clock: systemClock, serviceIp, hosts: [options.bindAddress] }),
    ]);
    running.add({ stop: () => log.close() });
    log.onFatal(fatal.raise);
    spent.mark('log and certificates');

    // State: a fold of the log.
    const storage = running.add(await openStorage({ ...basics, log, onFatal: fatal.raise }));
    running.add(startRetention({ ...basics, log, storage }));
    spent.mark('state');

    // The server plane.
    const kinds = createKindRegistry({ serve: isServed });
    const strategies = createStrategies({
      serviceClusterIpRange: options.serviceClusterIpRange,
      serviceNodePorts: { low: options.serviceNodePortRange.from, high: options.serviceNodePortRange.to },
      random: systemRandom,
    });
    const storeOf = createStores({ kinds, storage, strategies, random: systemRandom });
    const agent = `kube-apiserver/${versionInfo.gitVersion}`;
    running.add(startEventExpiry({ ...basics, storage, agent, events: coreStore(kinds, storeOf, 'events') }));
    const serviceAccounts = controllerTable.flatMap((row) =>
      row.serviceAccount === undefined ? [] : [row.serviceAccount],
    );
    const identities = newAgentIdentities(systemRandom, serviceAccounts);
    const kubelet = { port: 0, token: systemRandom.uuid() };
    const api = createApiPlane({
      ...basics,
      options,
      kinds,
      storage,
      storeOf,
      pki,
      agentTokens: allIdentities(identities),
      kubelet: () => ({ host: '127.0.0.1', port: kubelet.port, token: kubelet.token, caPem: pki.caPem }),
      agentsMetrics: () => agents.metrics(),
    });
    running.add(api);
    const { port } = await api
      .listen({ host: options.bindAddress, port: options.port, unixSocket: directory.socket })
      .catch((error: unknown) => {
        throw listenHint(error, options);
      });
    options.signal?.throwIfAborted();
    spent.mark('listen');

    const address = hostAddress();
    await bootstrapCluster({
      kinds,
      storeOf,
      storage,
      ctx: systemContext({ ...basics, agent }),
      further: [
        ...agentRights,
        ...kubernetesService({ clusterIp: serviceIp, port, ...(address === undefined ? {} : { address }) }),
      ],
    });
    const server = `https://${options.bindAddress === '0.0.0.0' ? '127.0.0.1' : options.bindAddress}:${String(port)}`;
    await writeKubeconfig({
      path: directory.kubeconfig,
      server,
      caPem: pki.caPem,
      user: { cert: pki.admin.certPem, key: pki.admin.keyPem },
      userName: 'kubernetes-admin',
      context: 'reckon',
    });
    spent.mark('bootstrap');

    // The client plane: ordinary clients on a thread of their own.
    // They stop before the server that they write to.
    running.add(agents);
    const agentsRun = await agents.run({
      socketPath: directory.socket,
      identities,
      nodes: options.nodes,
      version: versionInfo.gitVersion,
      verbosity: options.verbosity,
      rootCaPem: pki.caPem,
      serviceAccountKeyPem: pki.serviceAccountKeyPem,
      serviceAccountTokenSecrets: options.serviceAccountTokenSecrets,
      kubeletToken: kubelet.token,
      stages,
      kubeletTls: { cert: pki.serving.certPem, key: pki.serving.keyPem },
    });
    kubelet.port = agentsRun.kubeletPort;
    await Promise.race([
      clusterReady(storage, { namespaces, nodes: options.nodes }),
      fatal.raised,
      abortion(options.signal),
    ]);
    spent.mark('controllers and nodes');

    options.say(`reckon is ready on ${server} (${spent.toString()})`);
    options.say(`export KUBECONFIG=${directory.kubeconfig}`);
    return { port, kubeconfig: directory.kubeconfig, onFatal: fatal.listen, stop: () => running.stop() };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** Rejects when the signal is aborted, never resolves. */
function abortion(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => {
      reject(signal?.reason instanceof Error ? signal.reason : new Error('the start was given up'));
    };
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

/** The first fatal error, whenever somebody listens. */
function fatalChannel() {
  let first: Error | undefined;
  let listener: ((error: Error) => void) | undefined;
  let reject: (error: Error) => void;
  const raised = new Promise<never>((_, r) => {
    reject = r;
  });
  raised.catch(() => undefined);
  return {
    raised,
    raise: (error: Error): void => {
      if (first !== undefined) return;
      first = error;
      reject(error);
      listener?.(error);
    },
    listen: (l: (error: Error) => void): void => {
      listener = l;
      if (first !== undefined) l(first);
    },
  };
}

/** A full disk in a test: the log takes no more than so many pages of 4 KiB. */
const logPages = (text: string | undefined): { maxPages?: number } =>
  text === undefined || text === '' ? {} : { maxPages: Number(text) };
