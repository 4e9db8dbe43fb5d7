import { dayText } from '@reckon/api/machinery';
import type { StoredJson, StoredObject } from '@reckon/store/contract';

/** A token in a Secret was used for the first time on a day. */
export interface LegacyTokenDay {
  readonly namespace: string;
  readonly secret: string;
  readonly uid: string;
  /** `2026-11-22`, UTC. */
  readonly day: string;
}

/** Label of the Secret with the day of its token's last use (pkg/serviceaccount `LastUsedLabelKey`). */
export const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';

const dayMs = 24 * 60 * 60 * 1000;

/** What is known of the Secret and the account of a token, read once for each of their states. */
export class LegacyTokenUse {
  /** The account lists the Secret: a controller made it. */
  readonly isGenerated: boolean;
  private readonly secret: StoredJson;
  private markedDay = '';

  constructor(
    readonly secretState: StoredObject,
    readonly accountState: StoredObject,
  ) {
    this.secret = secretState.parse();
    const { secrets } = accountState.parse() as { readonly secrets?: readonly { readonly name?: string }[] | null };
    this.isGenerated = (secrets ?? []).some(({ name }) => name === this.secret.metadata.name);
  }

  /** The day to be marked, the first time that it is asked for on it (pkg/serviceaccount `patchSecretWithLastUsedDate`). */
  unmarkedDay(nowMs: number): LegacyTokenDay | undefined {
    const day = dayText(nowMs);
    if (day === this.markedDay) return undefined;
    this.markedDay = day;
    const { namespace = '', name = '', labels = {}, ...meta } = this.secret.metadata;
    const marked = Object.hasOwn(labels, lastUsedLabel) ? labels[lastUsedLabel] : undefined;
    // Tomorrow: another server's clock is ahead.
    if (marked === day || marked === dayText(nowMs + dayMs)) return undefined;
    return { namespace, secret: name, uid: (meta as { readonly uid?: string }).uid ?? '', day };
  }
}
