import { X509Certificate, createPrivateKey } from 'node:crypto';
import { statSync } from 'node:fs';
import { type CertificateOptions, type SignerName, signerNames } from '@reckon/control/controllers';
import type { Logger, WallClock } from '@reckon/kernel';
import type { Credential } from '@reckon/pki';
import { readPem } from '../component-server/serving-certificate';
import type { ControllerManagerFlags } from '../flags/controller-manager-flags';
import { OptionError } from '../option-error';

interface Files {
  readonly cert: string;
  readonly key: string;
  /** The two flags. */
  readonly certFlag: string;
  readonly keyFlag: string;
}

const flagOf = {
  [signerNames.kubeletServing]: 'kubelet-serving',
  [signerNames.kubeletClient]: 'kubelet-client',
  [signerNames.apiClient]: 'kube-apiserver-client',
  [signerNames.legacyUnknown]: 'legacy-unknown',
} as const satisfies Record<SignerName, string>;

/**
 * The authorities that `--cluster-signing-…` name; undefined: none, so that nothing is signed. Files that change are read again; while
 * they cannot be read, those before go on. Throws `OptionError`.
 */
export function certificateAuthorities(
  flags: ControllerManagerFlags,
  { clock, logger }: { readonly clock: WallClock; readonly logger: Logger },
): CertificateOptions | undefined {
  const common = filesOf(flags, undefined);
  const own = new Map(
    Object.entries(flagOf).flatMap(([signer, name]): [SignerName, Files][] => {
      const files = filesOf(flags, name);
      return files === undefined ? [] : [[signer as SignerName, files]];
    }),
  );
  if (common === undefined && own.size === 0) return undefined;
  if (common !== undefined && own.size > 0)
    throw new OptionError(
      '--cluster-signing-cert-file cannot be given together with files of single signers',
      'name either one authority for all signers, or one for each',
    );
  const shared = common === undefined ? undefined : reloading(common, logger);
  const authorities = new Map([...own].map(([signer, files]) => [signer, reloading(files, logger)]));
  return {
    clock,
    lifetimeMs: flags['cluster-signing-duration'],
    authority: (signer) => (shared ?? authorities.get(signer))?.(),
  };
}

function filesOf(flags: ControllerManagerFlags, signer: (typeof flagOf)[SignerName] | undefined): Files | undefined {
  const prefix = signer === undefined ? ('cluster-signing' as const) : (`cluster-signing-${signer}` as const);
  const [certFlag, keyFlag] = [`${prefix}-cert-file` as const, `${prefix}-key-file` as const];
  const [cert, key] = [flags[certFlag], flags[keyFlag]];
  if (cert === '' && key === '') return undefined;
  if (cert === '' || key === '')
    throw new OptionError(
      `--${cert === '' ? keyFlag : certFlag} is given without the other half`,
      `give both --${certFlag} and --${keyFlag}, or neither`,
    );
  return { cert, key, certFlag: `--${certFlag}`, keyFlag: `--${keyFlag}` };
}

/** Reads at once, and again whenever a file is another. */
function reloading(files: Files, logger: Logger): () => Credential {
  let current = read(files);
  let seen = versionOf(files);
  return () => {
    const version = versionOf(files);
    if (version === seen || version === undefined) return current;
    try {
      current = read(files);
      seen = version;
    } catch (error) {
      // Half of a pair that is being replaced: the next request looks again.
      logger.warn('authority not read again', { file: files.cert, error: String(error) });
    }
    return current;
  };
}

function versionOf({ cert, key }: Files): string | undefined {
  const stats = [cert, key].map((file) => statSync(file, { throwIfNoEntry: false }));
  if (stats.includes(undefined)) return undefined;
  return stats.map((stat) => `${String(stat?.ino)} ${String(stat?.mtimeMs)} ${String(stat?.size)}`).join();
}

function read({ cert, key, certFlag, keyFlag }: Files): Credential {
  const certPem = readPem(cert, certFlag);
  const keyPem = readPem(key, keyFlag);
  const certificate = parsed(certFlag, cert, () => new X509Certificate(certPem));
  const privateKey = parsed(keyFlag, key, () => createPrivateKey(keyPem));
  if (!certificate.checkPrivateKey(privateKey))
    throw new OptionError(`${keyFlag}: ${key} is not the key of ${cert}`, `name the key that belongs to ${certFlag}`);
  return { certPem, keyPem };
}

function parsed<T>(flag: string, file: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new OptionError(`${flag}: ${file} holds no PEM that can be read`, 'name a file in PEM', { cause });
  }
}
