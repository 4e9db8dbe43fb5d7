import { parseRevision } from '@reckon/store/contract';
import type { Revision } from '@reckon/store/contract';

/** What a message of the feed stands for: the entry of one revision, or a range of compacted ones. */
export interface MessageId {
  readonly clusterId: string;
  readonly kind: 'entry' | 'marker';
  readonly from: Revision;
  readonly to: Revision;
}

/** `Nats-Msg-Id` of an entry: `<cluster id>:42`. */
export const entryId = (clusterId: string, revision: number): string => `${clusterId}:${revision}`;

/** `Nats-Msg-Id` of a marker: `<cluster id>:10-41`, also where the range is one revision. */
export const markerId = (clusterId: string, from: number, to: number): string => `${clusterId}:${from}-${to}`;

/** Undefined for what no relay has written. */
export function parseMessageId(text: string): MessageId | undefined {
  const found = /^([^:]+):(\d+)(?:-(\d+))?$/.exec(text);
  if (found === null) return undefined;
  const [, clusterId = '', first = '', last] = found;
  const from = parseRevision(first);
  const to = parseRevision(last ?? first);
  if (from === undefined || to === undefined || from > to || from === 0) return undefined;
  return { clusterId, kind: last === undefined ? 'entry' : 'marker', from, to };
}
