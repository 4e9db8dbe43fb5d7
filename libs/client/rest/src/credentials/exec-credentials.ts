import { execFile } from 'node:child_process';
import type { Clock } from '@reckon/kernel';
import * as z from 'zod';
import type { CredentialSource, Credentials } from './credential-source';
import type { ExecConfig } from './exec-config';

/** The server that credentials are for, as a plugin is told that wants to know. */
export interface ExecCluster {
  readonly server: string;
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly caPem?: string;
  readonly proxyUrl?: string;
}

export interface ExecParts {
  /** Of the machine: the plugin's times are those of others. */
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly cluster?: ExecCluster;
}

/** A plugin that gave nothing to use. */
export class ExecPluginError extends Error {
  readonly code = 'ExecPlugin';

  constructor(
    message: string,
    readonly hint: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ExecPluginError';
  }
}

const answerSchema = z.looseObject({
  kind: z.literal('ExecCredential'),
  apiVersion: z.string(),
  status: z
    .looseObject({
      expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
      token: z.string().optional(),
      clientCertificateData: z.string().optional(),
      clientKeyData: z.string().optional(),
    })
    .nullish(),
});

interface Kept {
  readonly credentials: Credentials;
  readonly untilMs: number;
}

/**
 * Credentials of a program that is run when they are first wanted, when they have ended, and when they were refused
 * (client-go/plugin/pkg/client/auth/exec `Authenticator`). Those who ask meanwhile wait for the one run.
 */
export function execCredentials(config: ExecConfig, { clock, cluster }: ExecParts): CredentialSource {
  let kept: Kept | undefined;
  let running: Promise<Credentials> | undefined;
  const refresh = async (): Promise<Credentials> => {
    kept = credentialsIn(await outputOf(config, cluster), config);
    return kept.credentials;
  };
  return {
    current() {
      if (kept !== undefined && clock.nowMs() < kept.untilMs) return kept.credentials;
      running ??= refresh().finally(() => {
        running = undefined;
      });
      return running;
    },
    refused(credentials) {
      if (kept?.credentials === credentials) kept = undefined;
    },
  };
}

/** A program that says more than this does not give credentials. */
const longestOutput = 1024 * 1024;
/** It is ended then: whoever waits for it would wait for ever. */
const longestMs = 60_000;

function outputOf(config: ExecConfig, cluster: ExecCluster | undefined): Promise<string> {
  const { command, args, apiVersion, interactiveMode, installHint, providesClusterInfo } = config;
  const failed = (why: string, cause?: unknown): ExecPluginError =>
    new ExecPluginError(
      `getting credentials: ${why}`,
      installHint === '' ? `run ${command} by hand to see what keeps it` : installHint,
      { cause },
    );
  if (interactiveMode === 'Always')
    return Promise.reject(failed('exec plugin cannot support interactive mode: standard input is not a terminal'));
  const spec = {
    interactive: false,
    ...(providesClusterInfo && cluster !== undefined ? { cluster: clusterInfo(cluster) } : {}),
  };
  const env = {
    ...process.env,
    ...Object.fromEntries(config.env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify({ kind: 'ExecCredential', apiVersion, spec }),
  };
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env, maxBuffer: longestOutput, timeout: longestMs }, (error, output) => {
      if (error === null) resolve(output);
      else if (error.code === 'ENOENT') reject(failed(`exec: executable ${command} not found`, error));
      // What it writes about its failure may hold secrets: its status alone is told.
      else if (typeof error.code === 'number')
        reject(failed(`exec: executable ${command} failed with exit code ${String(error.code)}`, error));
      else reject(failed(`exec: executable ${command} failed: ${String(error.code ?? error.signal)}`, error));
    });
    child.stdin?.on('error', () => {
      // It need not read what is not there.
    });
    child.stdin?.end();
  });
}

const clusterInfo = ({ server, tlsServerName, insecureSkipTlsVerify, caPem, proxyUrl }: ExecCluster): object => ({
  server,
  ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
  ...(insecureSkipTlsVerify === true ? { 'insecure-skip-tls-verify': true } : {}),
  ...(caPem === undefined ? {} : { 'certificate-authority-data': Buffer.from(caPem).toString('base64') }),
  ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
  config: null,
});

function credentialsIn(output: string, { command, apiVersion }: ExecConfig): Kept {
  const refuse = (why: string): ExecPluginError =>
    new ExecPluginError(`getting credentials: ${why}`, `${command} must print an ExecCredential of ${apiVersion}`);
  let document: unknown;
  try {
    document = JSON.parse(output);
  } catch {
    // The text may hold a token: it is not shown.
    throw refuse('decoding stdout: it is no JSON');
  }
  const parsed = answerSchema.safeParse(document);
  if (!parsed.success)
    throw refuse(`decoding stdout: ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')} cannot be used`);
  const { data } = parsed;
  if (data.apiVersion !== apiVersion)
    throw refuse(
      `exec plugin is configured to use API version ${apiVersion}, plugin returned version ${data.apiVersion}`,
    );
  const { status } = data;
  if (status == null) throw refuse("exec plugin didn't return a status field");
  const { token = '', clientCertificateData: certPem = '', clientKeyData: keyPem = '' } = status;
  if (token === '' && certPem === '' && keyPem === '')
    throw refuse("exec plugin didn't return a token or cert/key pair");
  if ((certPem === '') !== (keyPem === '')) throw refuse('exec plugin returned only certificate or key, not both');
  return {
    credentials: { ...(token === '' ? {} : { token }), ...(certPem === '' ? {} : { certPem, keyPem }) },
    untilMs: status.expirationTimestamp == null ? Infinity : Date.parse(status.expirationTimestamp),
  };
}
