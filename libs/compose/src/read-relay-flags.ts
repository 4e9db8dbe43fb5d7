import type { RelayOptions } from '@reckon/store/relay';
import type { RelayFlags } from './relay-flags';

/** What the flags say of the relay. What reads them is loaded only if there are any. */
export async function readRelayFlags(flags: RelayFlags): Promise<{ readonly relay?: RelayOptions }> {
  if (Object.values(flags).every((value) => value === undefined || value === '' || value === false)) return {};
  const { relayOptionsOf } = await import('./relay-flags');
  const relay = relayOptionsOf(flags);
  return relay === undefined ? {} : { relay };
}
