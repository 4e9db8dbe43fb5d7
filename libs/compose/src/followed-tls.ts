import type { Logger, Running, Timers } from '@reckon/kernel';
import type { Pki } from '@reckon/pki';
import type { TlsMaterial } from '@reckon/serve/http';
import type { TlsSecurity } from './component-server/tls-security';
import { followFiles } from './follow-files';
import { type OpenTlsFiles, allTlsFiles, readTlsFiles } from './tls-files';

/** How the server shows itself and whom it knows by certificates, as its files have it now. */
export interface FollowedTls {
  readonly material: () => TlsMaterial;
  /** PEM: the authority of the data directory and those of `--client-ca-file`. */
  readonly clientCaPem: () => string;
  /** PEM: what clients verify the server by. */
  readonly serverCaPem: () => string;
  /** Takes up files that change, once `use` has taken them; what it throws leaves everything as it was. */
  readonly follow: (parts: {
    readonly timers: Timers;
    readonly logger: Logger;
    readonly use: (material: TlsMaterial) => void | Promise<void>;
  }) => Running;
}

export interface FollowedTlsOptions {
  readonly own: Pick<Pki, 'caPem' | 'serving'>;
  readonly security?: TlsSecurity | undefined;
  readonly opened?: OpenTlsFiles | undefined;
  /** PEM: authorities of further certificates that clients may show, such as a front proxy's. */
  readonly furtherCaPem?: string | undefined;
}

export function followedTls({ own, security, opened, furtherCaPem = '' }: FollowedTlsOptions): FollowedTls {
  let content = opened?.content ?? { named: [] };
  /** The same text from one request to the next, until the files change. */
  let clientCaPem = '';
  const clientCaOf = ({ clientCaPem = '' }: typeof content): string => `${own.caPem}${clientCaPem}`;
  const materialOf = (now: typeof content): TlsMaterial => ({
    ...(now.serving ?? { cert: own.serving.certPem, key: own.serving.keyPem }),
    ...security,
    ...withAuthorities(`${clientCaOf(now)}${furtherCaPem}`),
    named: now.named,
  });
  const put = (now: typeof content): void => {
    content = now;
    clientCaPem = clientCaOf(now);
  };
  put(content);
  return {
    material: () => materialOf(content),
    clientCaPem: () => clientCaPem,
    serverCaPem: () =>
      content.serving === undefined ? own.caPem : `${content.clientCaPem ?? ''}${content.serving.cert}`,
    follow({ timers, logger, use }) {
      if (opened === undefined) return { stop: () => Promise.resolve() };
      return followFiles({
        what: 'certificates and authorities of the server',
        files: allTlsFiles(opened.files),
        timers,
        logger,
        async use() {
          // Read and proved again, so that what is wrong is told as at the start.
          const next = readTlsFiles(opened.files);
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
