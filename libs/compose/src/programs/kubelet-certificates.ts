import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ClientConfig,
  ClientConfigError,
  type RequestRate,
  RestClient,
  loadKubeconfig,
} from '@reckon/client/rest';
import { type Running, RunningSet } from '@reckon/kernel';
import {
  type CertificateAsk,
  CertificateRefusedError,
  CertificateStore,
  keepCertificate,
  kubeletSigners,
  requestCertificate,
  rotatingClient,
} from '@reckon/node/kubelet';
import { newKeyPair, privateKeyPem, writeWhole } from '@reckon/pki';
import type { AgentBasics } from '../agents/agent-basics';
import type { KubeletFlags } from '../flags/kubelet-flags';
import { OptionError } from '../option-error';
import { type ProgramClients, apiClientConfig, programClients } from './api-client';
import { programVersion } from './version';

export interface KubeletIdentity {
  readonly flags: KubeletFlags;
  readonly nodeName: string;
  readonly basics: AgentBasics;
}

const userAgent = `kubelet/${programVersion} (reckon)`;

const nodesGroup = 'system:nodes';

const clientAsk = (
  nodeName: string,
  privateKey: CertificateAsk['privateKey'],
  isRepeatable: boolean,
): CertificateAsk => ({
  wish: { commonName: `system:node:${nodeName}`, organizations: [nodesGroup] },
  signerName: kubeletSigners.client,
  usages: ['digital signature', 'client auth'],
  privateKey,
  isRepeatable,
});

/**
 * `--bootstrap-kubeconfig`: where `--kubeconfig` names no file, or one whose certificate is over, a client certificate is asked for with
 * the rights of the bootstrap kubeconfig, and `--kubeconfig` is written (pkg/kubelet/certificate/bootstrap `LoadClientCert`). Waits until
 * somebody approves it.
 */
export async function joinCluster(
  identity: KubeletIdentity,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<void> {
  const { flags, nodeName, basics } = identity;
  const { kubeconfig, 'bootstrap-kubeconfig': bootstrap, 'cert-dir': dir } = flags;
  if (bootstrap === '') return;
  if (kubeconfig === '')
    throw new OptionError(
      '--bootstrap-kubeconfig is given without --kubeconfig',
      'say with --kubeconfig which file is to be written',
    );
  if (isUsable(identity)) return;
  const config = bootstrapConfig(bootstrap);
  const rest = new RestClient(config, basics);
  const keyFile = join(dir, 'kubelet-client.key.tmp');
  try {
    const keyPem = await pendingKey(keyFile);
    say(`waiting for the certificate of node ${nodeName} from ${config.server}`);
    const ask = clientAsk(nodeName, createPrivateKey(keyPem), true);
    const credential = await requestCertificate({ ...basics, rest }, ask, signal);
    const store = new CertificateStore(dir, 'kubelet-client');
    await store.save(credential, basics.clock.wallMs());
    await writeWhole(kubeconfig, nodeKubeconfig(config, store.currentFile), 0o600);
    await rm(keyFile, { force: true });
  } catch (error) {
    if (!(error instanceof CertificateRefusedError)) throw error;
    // Asked with the same key it would be the same request.
    await rm(keyFile, { force: true });
    throw new OptionError(`--bootstrap-kubeconfig: ${error.message}`, 'start the kubelet again to ask anew', {
      cause: error,
    });
  } finally {
    await rest.close();
  }
}

function bootstrapConfig(file: string): ClientConfig {
  try {
    return loadKubeconfig(file, { userAgent });
  } catch (cause) {
    if (!(cause instanceof ClientConfigError)) throw cause;
    throw new OptionError(`--bootstrap-kubeconfig: ${cause.message}`, cause.hint, { cause });
  }
}

/** Whether the kubeconfig is there and its certificate, if it has one, goes on. */
function isUsable({ flags, basics }: KubeletIdentity): boolean {
  if (!existsSync(flags.kubeconfig)) return false;
  let config: ClientConfig;
  try {
    config = loadKubeconfig(flags.kubeconfig, { userAgent });
  } catch {
    // It names files that are gone: written anew.
    return false;
  }
  if (config.certPem === undefined) return true;
  return Date.parse(new X509Certificate(config.certPem).validTo) > basics.clock.wallMs();
}

/** Kept until there is a certificate for it, so that a kubelet that is restarted goes on with its request. */
async function pendingKey(file: string): Promise<string> {
  try {
    const text = readFileSync(file, 'utf8');
    createPrivateKey(text);
    return text;
  } catch {
    // None yet, or half of one.
    const text = privateKeyPem(newKeyPair().privateKey);
    await writeWhole(file, text, 0o600);
    return text;
  }
}

/** As kubelet writes it: the certificate by its path, so that rotation does not touch it. */
function nodeKubeconfig({ server, caPem, insecureSkipTlsVerify }: ClientConfig, file: string): string {
  const cluster = {
    server,
    ...(caPem === undefined ? {} : { 'certificate-authority-data': Buffer.from(caPem).toString('base64') }),
    ...(insecureSkipTlsVerify === true ? { 'insecure-skip-tls-verify': true } : {}),
  };
  const user = { 'client-certificate': file, 'client-key': file };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'default-cluster', cluster }],
    users: [{ name: 'default-auth', user }],
    contexts: [
      { name: 'default-context', context: { cluster: 'default-cluster', user: 'default-auth', namespace: 'default' } },
    ],
    'current-context': 'default-context',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** The clients of the kubelet. With `--rotate-certificates` their certificate is replaced before it ends; its successors are in `--cert-dir`. */
export function kubeletClients(identity: KubeletIdentity, requestRate: RequestRate | undefined): ProgramClients {
  const { flags, nodeName, basics } = identity;
  const named = apiClientConfig(flags, 'kubelet');
  const isRotated = flags['rotate-certificates'];
  const config = isRotated ? withRotatedCertificate(withoutFiles(named), identity) : named;
  const clients = programClients(config, basics, requestRate);
  const { certPem, keyPem } = config;
  if (!isRotated || certPem === undefined || keyPem === undefined) return clients;

  const rotating = {
    rest: rotatingClient(clients.rest, basics.timers),
    aside: rotatingClient(clients.aside, basics.timers),
  };
  const keeper = keepCertificate({
    ...basics,
    store: new CertificateStore(flags['cert-dir'], 'kubelet-client'),
    current: { certPem, keyPem },
    request: (signal) =>
      requestCertificate(
        { ...basics, rest: rotating.aside.rest },
        clientAsk(nodeName, newKeyPair().privateKey, false),
        signal,
      ),
    changed: (next) => {
      const fresh = programClients({ ...config, certPem: next.certPem, keyPem: next.keyPem }, basics, requestRate);
      rotating.rest.use(fresh.rest);
      rotating.aside.use(fresh.aside);
    },
  });
  return {
    rest: rotating.rest.rest,
    aside: rotating.aside.rest,
    async stop() {
      await keeper.stop();
      await Promise.all([rotating.rest.stop(), rotating.aside.stop()]);
    },
  };
}

/** Its certificate is replaced, not followed. */
function withoutFiles({ certificateFiles: _, ...config }: ClientConfig): ClientConfig {
  return config;
}

/** The config with the newest certificate of `--cert-dir`, where there is one that still holds. */
function withRotatedCertificate(config: ClientConfig, { flags, basics }: KubeletIdentity): ClientConfig {
  if (config.certPem === undefined) return config;
  const stored = new CertificateStore(flags['cert-dir'], 'kubelet-client').current();
  if (stored === undefined) return config;
  const endMs = (pem: string): number => Date.parse(new X509Certificate(pem).validTo);
  const isNewer = endMs(stored.certPem) > Math.max(endMs(config.certPem), basics.clock.wallMs());
  return isNewer ? { ...config, certPem: stored.certPem, keyPem: stored.keyPem } : config;
}

export interface ServingRotation extends Running {
  /** As the server takes it: the one on disk that still holds, or none. */
  readonly tls: { readonly cert?: string; readonly key?: string };
  /** Begins to ask. */
  onCertificate(use: (certificate: { readonly cert: string; readonly key: string }) => void): void;
}

/** `--rotate-server-certificates`: the certificate of the kubelet's own server is asked for, and replaced before it ends. */
export function rotateServingCertificate(
  { flags, nodeName, basics }: KubeletIdentity,
  { rest, addresses }: { readonly rest: RestClient; readonly addresses: readonly string[] },
): ServingRotation {
  if (flags['tls-cert-file'] !== '')
    throw new OptionError(
      '--rotate-server-certificates and --tls-cert-file exclude each other',
      'name a certificate, or let the cluster give one',
    );
  const store = new CertificateStore(flags['cert-dir'], 'kubelet-server');
  const stored = store.current();
  const current =
    stored !== undefined && Date.parse(new X509Certificate(stored.certPem).validTo) > basics.clock.wallMs()
      ? stored
      : undefined;
  const wish = {
    commonName: `system:node:${nodeName}`,
    organizations: [nodesGroup],
    dnsNames: [nodeName],
    ipAddresses: addresses,
  };
  const running = new RunningSet();
  return {
    tls: current === undefined ? {} : { cert: current.certPem, key: current.keyPem },
    onCertificate(use) {
      const keeper = keepCertificate({
        ...basics,
        store,
        current,
        request: (signal) =>
          requestCertificate(
            { ...basics, rest },
            {
              wish,
              signerName: kubeletSigners.serving,
              usages: ['digital signature', 'server auth'],
              privateKey: newKeyPair().privateKey,
              isRepeatable: false,
            },
            signal,
          ),
        changed: ({ certPem, keyPem }) => {
          use({ cert: certPem, key: keyPem });
        },
      });
      running.add(keeper);
    },
    stop: () => running.stop(),
  };
}
