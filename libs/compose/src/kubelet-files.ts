import { type Logger, type Running, RunningSet, type Timers } from '@reckon/kernel';
import type { KubeletAddress } from '@reckon/serve/subresources';
import { type CertificateFiles, readCertificate } from './component-server/serving-certificate';
import { followFiles } from './follow-files';
import { OptionError } from './option-error';
import { readAuthorities } from './tls-files';

export interface KubeletFileFlags {
  readonly 'kubelet-client-certificate': string;
  readonly 'kubelet-client-key': string;
  readonly 'kubelet-certificate-authority': string;
}

/** How the apiserver shows itself to kubelets and what it verifies them by, as its files have it now. */
export interface KubeletFiles {
  /** Undefined where no flag names one. */
  readonly client: () => KubeletAddress['client'];
  readonly tls: () => NonNullable<KubeletAddress['tls']>;
  /** Takes up files that change. What is broken, or does not fit together, changes nothing. */
  readonly follow: (parts: { readonly timers: Timers; readonly logger: Logger }) => Running;
}

/** Reads and proves the files (pkg/kubelet/client `KubeletClientConfig`). Throws `OptionError` that names flag and file. */
export function kubeletFiles(flags: KubeletFileFlags): KubeletFiles {
  const clientFiles = clientFilesOf(flags);
  const caFile = flags['kubelet-certificate-authority'];
  const readTls = () => ({ caPem: readAuthorities(caFile, '--kubelet-certificate-authority') });
  let client = clientFiles === undefined ? undefined : readCertificate(clientFiles);
  let tls: NonNullable<KubeletAddress['tls']> = caFile === '' ? 'unverified' : readTls();
  return {
    client: () => client,
    tls: () => tls,
    follow(parts) {
      const running = new RunningSet();
      if (clientFiles !== undefined)
        running.add(
          followFiles({
            ...parts,
            what: 'certificate that is shown to kubelets',
            files: [clientFiles.certFile, clientFiles.keyFile],
            use() {
              client = readCertificate(clientFiles);
            },
          }),
        );
      if (caFile !== '')
        running.add(
          followFiles({
            ...parts,
            what: 'authorities of kubelets',
            files: [caFile],
            use() {
              tls = readTls();
            },
          }),
        );
      return running;
    },
  };
}

function clientFilesOf(flags: KubeletFileFlags): CertificateFiles | undefined {
  const { 'kubelet-client-certificate': certFile, 'kubelet-client-key': keyFile } = flags;
  if ((certFile === '') !== (keyFile === ''))
    throw new OptionError(
      `${certFile === '' ? '--kubelet-client-key' : '--kubelet-client-certificate'} is given without the other half`,
      'give both --kubelet-client-certificate and --kubelet-client-key, or neither',
    );
  return certFile === ''
    ? undefined
    : { certFile, keyFile, flag: '--kubelet-client-certificate and --kubelet-client-key' };
}
