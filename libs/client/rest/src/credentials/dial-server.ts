import { isIP } from 'node:net';
import { type TLSSocket, connect } from 'node:tls';
import type { Clock } from '@reckon/kernel';
import type { ClientConfig } from '../client-config';
import { trusted } from './authorities';
import type { ConnectionPems } from './connection-pems';
import type { CredentialSource } from './credential-source';
import { execCredentials } from './exec-credentials';
import { type OpenTunnel, tunnelThrough } from './open-tunnel';

export interface ServerDialer {
  /** What the user's program says; absent where there is none. */
  readonly source: CredentialSource | undefined;
  /** A connection for which the server has shown its certificate. */
  dial: (host: string, port: number, pems: ConnectionPems) => Promise<TLSSocket>;
}

/** As long as other connections may take to come about. */
const longestMs = 10_000;

/** Connections for configurations with a program for credentials or with a proxy; others need none of this. */
export function serverDialer(config: ClientConfig, clock: Pick<Clock, 'nowMs'>): ServerDialer {
  const { tlsServerName, insecureSkipTlsVerify, proxyUrl, exec } = config;
  const source = exec === undefined ? undefined : execCredentials(exec, { clock, cluster: config });
  const tunnel: OpenTunnel | undefined = proxyUrl === undefined ? undefined : tunnelThrough(proxyUrl);
  return {
    source,
    async dial(host, port, { caPem, certPem, keyPem }) {
      const own = (await source?.current()) ?? {};
      const socket = await tunnel?.(host, port);
      const name = tlsServerName ?? (isIP(host) === 0 ? host : undefined);
      const secure = connect({
        ...(socket === undefined ? { host, port } : { socket }),
        // With a socket, whom the certificate is for is known by this alone.
        host,
        ...(name === undefined ? {} : { servername: name }),
        ALPNProtocols: ['http/1.1'],
        rejectUnauthorized: insecureSkipTlsVerify !== true,
        ...(caPem === undefined ? {} : { ca: trusted(caPem) }),
        ...certificateOf(own.certPem === undefined ? { certPem, keyPem } : own),
      });
      await new Promise<void>((resolve, reject) => {
        secure.once('secureConnect', resolve);
        secure.once('error', reject);
        secure.setTimeout(longestMs, () => {
          secure.destroy(new Error(`connecting to ${host}:${String(port)} took too long`));
        });
      });
      secure.setTimeout(0);
      return secure;
    },
  };
}

const certificateOf = ({
  certPem,
  keyPem,
}: {
  readonly certPem?: string | undefined;
  readonly keyPem?: string | undefined;
}): { readonly cert?: string; readonly key?: string } =>
  certPem === undefined || keyPem === undefined ? {} : { cert: certPem, key: keyPem };
