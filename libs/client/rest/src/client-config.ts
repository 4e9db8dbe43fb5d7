import type { CertificateFiles } from './credentials/certificate-beside';
import type { BasicCredentials } from './credentials/credential-source';
import type { ExecConfig } from './credentials/exec-config';
import type { Impersonation } from './credentials/impersonation';
import type { RequestRate } from './token-bucket';

/** Tokens that end and are replaced. */
export interface TokenSource {
  token(): Promise<string>;
  /** The server refused it: the next must be another, if there is one. */
  refused(token: string): void;
}

/** Where an apiserver is and who we are: what a kubeconfig's context or a pod's service account gives. */
export interface ClientConfig {
  /** `https://127.0.0.1:6443`; with `socketPath` the host part is only the Host header. */
  readonly server: string;
  /** A unix socket to speak plain HTTP/1.1 over (the embedded agents). */
  readonly socketPath?: string;
  /** Empty: no server is known. */
  readonly caPem?: string;
  /** Where `caPem` is from, if from a file, which is followed. */
  readonly caFile?: string;
  readonly certPem?: string;
  readonly keyPem?: string;
  readonly token?: string;
  /** Read again every minute, and when the token was refused: a service account token is rotated under its pod. */
  readonly tokenFile?: string;
  /** Goes before `token` and `tokenFile`. */
  readonly tokenSource?: TokenSource;
  readonly insecureSkipTlsVerify?: boolean;
  /** What the server's certificate must be for, when that is not the host of `server`. */
  readonly tlsServerName?: string;
  readonly basic?: BasicCredentials;
  /** A program that gives credentials, asked where there are neither tokens nor a password. */
  readonly exec?: ExecConfig;
  /** Where `certPem` and `keyPem` are from, if from files, which are followed. */
  readonly certificateFiles?: CertificateFiles;
  /** Who every request is for, if not for whom the credentials name. */
  readonly impersonation?: Impersonation;
  /** `http://proxy:3128`: connections go through it. */
  readonly proxyUrl?: string;
  /** `<component>/<version>`; the part before '/' is the default field manager. */
  readonly userAgent: string;
  /** Calls wait for their turn; watches do not. Absent: no limit. */
  readonly requestRate?: RequestRate;
  /** The context's namespace. */
  readonly namespace?: string;
}

/** A kubeconfig or a service account folder that cannot be used: `hint` says what to do. */
export class ClientConfigError extends Error {
  readonly code = 'ClientConfig';
  constructor(
    message: string,
    readonly hint: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ClientConfigError';
  }
}
