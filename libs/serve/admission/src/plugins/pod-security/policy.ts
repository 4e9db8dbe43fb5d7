import { type FieldError, fieldErrors, fieldPath } from '@reckon/api/machinery';

/** From loose to strict. */
export const levels = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof levels)[number];

/** The minor number of `v1.x`; what is said by the newest server is `latest`. */
export type PolicyVersion = number | 'latest';

export interface LevelVersion {
  readonly level: Level;
  readonly version: PolicyVersion;
}

/** What is refused, what is noted in the audit log, what is warned of. */
export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

export const modes = ['enforce', 'audit', 'warn'] as const satisfies readonly (keyof Policy)[];

export const openPolicy: Policy = {
  enforce: { level: 'privileged', version: 'latest' },
  audit: { level: 'privileged', version: 'latest' },
  warn: { level: 'privileged', version: 'latest' },
};

export const labelPrefix = 'pod-security.kubernetes.io/';

/** `baseline:v1.24` */
export const levelText = ({ level, version }: LevelVersion): string =>
  `${level}:${version === 'latest' ? version : `v1.${String(version)}`}`;

export const isSame = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.version === b.version;

export const isSamePolicy = (a: Policy, b: Policy): boolean => modes.every((mode) => isSame(a[mode], b[mode]));

export const isStricter = (a: Level, b: Level): boolean => levels.indexOf(a) > levels.indexOf(b);

export const isOpen = (policy: Policy): boolean => modes.every((mode) => policy[mode].level === 'privileged');

export function parseLevel(text: string): Level | undefined {
  return levels.find((level) => level === text);
}

export function parseVersion(text: string): PolicyVersion | undefined {
  if (text === 'latest') return text;
  const minor = /^v1\.(0|[1-9][0-9]*)$/.exec(text)?.[1];
  return minor === undefined || !Number.isSafeInteger(Number(minor)) ? undefined : Number(minor);
}

export interface ReadPolicy {
  readonly policy: Policy;
  readonly errors: readonly FieldError[];
}

/**
 * The policy that a namespace's labels ask for, on top of the server's own (k8s.io/pod-security-admission/api `PolicyToEvaluate`). There
 * is a policy in any case: what cannot be read enforces the strictest, and neither notes nor warns of anything.
 */
export function policyOf(labels: Readonly<Record<string, string>> | undefined, defaults: Policy): ReadPolicy {
  const errors: FieldError[] = [];
  const policy = { ...defaults };
  const label = (name: string): string | undefined => {
    const key = labelPrefix + name;
    return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  };
  const refuse = (name: string, value: string, why: string): void => {
    errors.push(fieldErrors.invalid(fieldPath('metadata', 'labels').key(labelPrefix + name), value, why));
  };
  for (const mode of modes) {
    const level = label(mode);
    if (level !== undefined) {
      const parsed = parseLevel(level);
      if (parsed === undefined) refuse(mode, level, `must be one of ${levels.join(', ')}`);
      policy[mode] = { ...policy[mode], level: parsed ?? (mode === 'enforce' ? 'restricted' : 'privileged') };
    }
    const version = label(`${mode}-version`);
    if (version !== undefined) {
      const parsed = parseVersion(version);
      if (parsed === undefined) refuse(`${mode}-version`, version, 'must be "latest" or "v1.x"');
      policy[mode] = { ...policy[mode], version: parsed ?? 'latest' };
    }
  }
  // Whoever asks to enforce wants to hear of controllers too, whose pods would be refused later.
  const enforced = label('enforce');
  const isSet = enforced !== undefined && parseLevel(enforced) !== undefined;
  if (isSet && label('warn') === undefined && isStricter(policy.enforce.level, policy.warn.level)) {
    const version = label('warn-version') === undefined ? policy.enforce.version : policy.warn.version;
    policy.warn = { level: policy.enforce.level, version };
  }
  return { policy, errors };
}
