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
  const claimed: Claimed[] = [{ key: core('serviceaccounts', account.name), check: accountCheck(account) }];
  if (legacySecret !== undefined) {
    const key = core('secrets', legacySecret);
    claimed.unshift({ key, check: legacySecretCheck });
    claimed.push({ key, check: notInvalidated(namespace, account.name) });
  }
  if (secret !== undefined) claimed.push({ key: core('secrets', secret.name), check: boundCheck('secret', secret) });
  if (pod !== undefined) claimed.push({ key: core('pods', pod.name), check: boundCheck('pod', pod) });
  // The node of a pod is information only.
  else if (node !== undefined) claimed.push({ key: core('nodes', node.name, ''), check: boundCheck('node', node) });
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
  for (const [index, { check }] of claimed.entries()) {
    const object = objects[index]?.parse();
    const deletion = object === undefined ? undefined : deletionMs(object);
    if (deletion !== undefined) until = Math.min(until, deletion + leewayMs);
    check(deletion !== undefined && deletion + leewayMs < nowMs ? undefined : object, tokenText);
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
