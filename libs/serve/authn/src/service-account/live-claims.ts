import { parseTime } from '@reckon/api/machinery';
import type { ObjectKey, StoredJson, StoredObject } from '@reckon/store/contract';
import { TokenError } from '../token-authenticator';
import type { NameAndUid, TokenClaims } from './token-claims';

/** Clocks of a cluster may differ by this much (go-jose's `DefaultLeeway`). */
export const leewayMs = 60_000;

/** A token in a Secret that is right but retired. */
export class InvalidatedTokenError extends TokenError {}

/** A living object that a token stands on. */
export interface Claimed {
  readonly key: ObjectKey;
  /** Throws `TokenError` if the object no longer supports the token; `object` is undefined when it is gone. */
  readonly check: (object: StoredJson | undefined, tokenText: string) => void;
  /** How long after the time of its deletion an object that is still there, for its finalizers, supports the token. */
  readonly graceMs: number;
}

/** The objects that must be there for the claims to hold, in upstream's order (pkg/serviceaccount `Validate` of both validators). */
export function claimedObjects(claims: TokenClaims): Claimed[] {
  const { namespace, account, legacySecret, secret, pod, node } = claims;
  const core = (resource: string, name: string, ns = namespace): ObjectKey => ({
    group: '',
    resource,
    namespace: ns,
    name,
  });
  const claim = (key: ObjectKey, check: Claimed['check'], graceMs = leewayMs): Claimed => ({ key, check, graceMs });
  const accountKey = core('serviceaccounts', account.name);
  if (legacySecret !== undefined) {
    const key = core('secrets', legacySecret);
    // What stands in a Secret ends with the deletion of either, whatever finalizers they have.
    return [
      claim(key, legacySecretCheck, 0),
      claim(accountKey, accountCheck(account), 0),
      claim(key, notInvalidated(namespace, account.name), 0),
    ];
  }
  const claimed = [claim(accountKey, accountCheck(account))];
  if (secret !== undefined) claimed.push(claim(core('secrets', secret.name), boundCheck('secret', secret)));
  if (pod !== undefined) claimed.push(claim(core('pods', pod.name), boundCheck('pod', pod)));
  // The node of a pod is information only.
  else if (node !== undefined) claimed.push(claim(core('nodes', node.name, ''), boundCheck('node', node)));
  return claimed;
}

/**
 * Checks all that the claims stand on. Answers until when this stays true if no object changes, in ms; an object in deletion
 * supports its token until its time has come. Throws `TokenError`.
 */
export function checkLive(
  claimed: readonly Claimed[],
  objects: readonly (StoredObject | undefined)[],
  tokenText: string,
  nowMs: number,
): number {
  let until = Infinity;
  for (const [index, { check, graceMs }] of claimed.entries()) {
    const object = objects[index]?.parse();
    const deletion = object === undefined ? undefined : deletionMs(object);
    // No grace is none, also where the time of a deletion is still to come.
    const endMs = deletion === undefined ? Infinity : graceMs === 0 ? -Infinity : deletion + graceMs;
    until = Math.min(until, endMs);
    check(endMs < nowMs ? undefined : object, tokenText);
  }
  return until;
}

const uidOf = (object: StoredJson): string => (object.metadata as { uid?: string }).uid ?? '';

function deletionMs(object: StoredJson): number | undefined {
  const text = (object.metadata as { deletionTimestamp?: string }).deletionTimestamp;
  return text === undefined ? undefined : parseTime(text);
}

const accountCheck =
  (account: NameAndUid): Claimed['check'] =>
  (object) => {
    if (object === undefined) throw new TokenError(`serviceaccounts "${account.name}" not found`);
    if (uidOf(object) !== account.uid)
      throw new TokenError(`service account UID (${uidOf(object)}) does not match claim (${account.uid})`);
  };

const boundCheck =
  (kind: 'secret' | 'pod' | 'node', ref: NameAndUid): Claimed['check'] =>
  (object) => {
    if (object === undefined) throw new TokenError('service account token has been invalidated');
    if (uidOf(object) !== ref.uid)
      throw new TokenError(
        `${kind} UID (${uidOf(object)}) does not match service account ${kind} ref claim (${ref.uid})`,
      );
  };

/** Set by the controller that retires tokens nobody uses. */
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';

const legacySecretCheck: Claimed['check'] = (object, tokenText) => {
  if (object === undefined) throw new TokenError('service account token has been invalidated');
  const token = (object as { data?: Record<string, string> }).data?.['token'] ?? '';
  if (Buffer.from(token, 'base64').toString() !== tokenText)
    throw new TokenError("service account token does not match server's copy");
};

/** After all else, so that only the true bearer of a token learns that it is retired, and counts as one who uses it. */
const notInvalidated =
  (namespace: string, account: string): Claimed['check'] =>
  (object) => {
    const { name = '', labels = {} } = object?.metadata ?? {};
    if (!Object.hasOwn(labels, invalidSince) || labels[invalidSince] === '') return;
    throw new InvalidatedTokenError(
      `the token in secret ${namespace}/${name} for service account ${namespace}/${account} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSince}' label from the secret to temporarily allow use of this token`,
      { audit: { 'authentication.k8s.io/legacy-token-invalidated': `${name}/${namespace}` } },
    );
  };
