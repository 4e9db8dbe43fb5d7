import type { Logger, Running, Timers } from '@reckon/kernel';
import type { Pki } from '@reckon/pki';
import type { TlsMaterial } from '@reckon/serve/http';
import type { TlsSecurity } from './component-server/tls-security';
import { followFiles } from './follow-files';
import {
  type OpenTlsFiles,
  type TlsFilesContent,
  allTlsFiles,
  frontProxyCaFlag,
  readAuthorities,
  readTlsFiles,
} from './tls-files';

/** How the server shows itself and whom it knows by certificates, as its files have it now. */
export interface FollowedTls {
  readonly material: () => TlsMaterial;
  /** PEM: the authority of the data directory and those of `--client-ca-file`. */
  readonly clientCaPem: () => string;
  /** PEM: what clients verify the server by. */
  readonly serverCaPem: () => string;
  /** PEM: authorities of front proxies; '' where there are none. */
  readonly frontProxyCaPem: () => string;
  /** Takes up files that change, once `use` has taken them; what it throws leaves everything as it was. */
  readonly follow: (parts: {
    readonly timers: Timers;
    readonly logger: Logger;
    readonly use: (material: TlsMaterial) => void | Promise<void>;
  }) => Running;
}

export interface FrontProxyAuthorities {
  readonly caPem: string;
  /** Where it was read; absent for what does not change. */
  readonly caFile?: string;
}

export interface FollowedTlsOptions {
  readonly own: Pick<Pki, 'caPem' | 'serving'>;
  readonly security?: TlsSecurity | undefined;
  readonly opened?: OpenTlsFiles | undefined;
  /** Of front proxies: their certificates, too, are shown at the handshake. */
  readonly frontProxy?: FrontProxyAuthorities | undefined;
}

type Content = TlsFilesContent & { readonly frontProxyCaPem: string };

export function followedTls({ own, security, opened, frontProxy }: FollowedTlsOptions): FollowedTls {
  const files = opened?.files ?? { named: [] };
  const { caPem: initialFrontProxyCa = '', caFile } = frontProxy ?? {};
  let content: Content = { ...(opened?.content ?? { named: [] }), frontProxyCaPem: initialFrontProxyCa };
  /** The same text from one request to the next, until the files change. */
  let clientCaPem = '';
  const clientCaOf = ({ clientCaPem = '' }: Content): string => `${own.caPem}${clientCaPem}`;
  const materialOf = (now: Content): TlsMaterial => ({
    ...(now.serving ?? { cert: own.serving.certPem, key: own.serving.keyPem }),
    ...security,
    ...withAuthorities(`${clientCaOf(now)}${now.frontProxyCaPem}`),
    named: now.named,
  });
  const put = (now: Content): void => {
    content = now;
    clientCaPem = clientCaOf(now);
  };
  put(content);
  return {
    material: () => materialOf(content),
    clientCaPem: () => clientCaPem,
    serverCaPem: () =>
      content.serving === undefined ? own.caPem : `${content.clientCaPem ?? ''}${content.serving.cert}`,
    frontProxyCaPem: () => content.frontProxyCaPem,
    follow({ timers, logger, use }) {
      const followed = [...allTlsFiles(files), ...(caFile === undefined ? [] : [caFile])];
      if (followed.length === 0) return { stop: () => Promise.resolve() };
      return followFiles({
        what: 'certificates and authorities of the server',
        files: followed,
        timers,
        logger,
        async use() {
          // Read and proved again, so that what is wrong is told as at the start.
          const next = {
            ...readTlsFiles(files),
            frontProxyCaPem: caFile === undefined ? initialFrontProxyCa : readAuthorities(caFile, frontProxyCaFlag),
          };
          const before = content;
          put(next);
          try {
            await use(materialOf(next));
          } catch (error) {
            put(before);
            throw error;
          }
        },
      });
    },
  };
}

/** Without any, nobody is known by a certificate. */
const withAuthorities = (clientCa: string): Pick<TlsMaterial, 'clientCa'> => (clientCa === '' ? {} : { clientCa });
