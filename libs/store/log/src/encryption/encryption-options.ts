/** How data keys are wrapped: the providers of an EncryptionConfiguration that hold keys. */
export type WrappingProvider = 'aesgcm' | 'aescbc' | 'secretbox';

/** A configured key. It never touches an object: it wraps the keys that do. */
export interface WrappingKey {
  readonly provider: WrappingProvider;
  readonly name: string;
  /** 16, 24 or 32 bytes; 32 for `secretbox`. */
  readonly secret: Uint8Array;
}

export interface EncryptionRule {
  /** '*' stands for every resource, or every group; '' is the core group. */
  readonly resources: readonly { readonly group: string; readonly resource: string }[];
  /** What is written from now on is encrypted for this key; undefined: it is written plain. */
  readonly writeKey: WrappingKey | undefined;
}

/** What is encrypted at rest, and with which keys. Can be sent to a thread. */
export interface EncryptionOptions {
  /** The first that names a resource counts; what none names is written plain. */
  readonly rules: readonly EncryptionRule[];
  /** All that can be read with, those of the rules among them. */
  readonly keys: readonly WrappingKey[];
}

/** Answers for the keys of entries (`/core/secrets/default/a`) which wrapping key they are written with. */
export function writeKeys(rules: readonly EncryptionRule[]): (entryKey: string) => WrappingKey | undefined {
  const known = new Map<string, WrappingKey | undefined>();
  return (entryKey) => {
    const end = entryKey.indexOf('/', entryKey.indexOf('/', 1) + 1);
    const kind = entryKey.slice(1, end);
    if (known.has(kind)) return known.get(kind);
    const [first = '', resource = ''] = kind.split('/');
    const group = first === 'core' ? '' : first;
    const rule = rules.find(({ resources }) =>
      resources.some((r) => (r.group === group || r.group === '*') && (r.resource === resource || r.resource === '*')),
    );
    known.set(kind, rule?.writeKey);
    return rule?.writeKey;
  };
}
