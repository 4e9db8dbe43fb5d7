import type { CompactionPlan, Entry, Verb } from '@reckon/store/contract';
import { dataRefOf } from './data-ref';
import { isSecret, secretMetadata } from './secret-metadata';

/** The value of the `Content-Type` header: CloudEvents 1.0, structured mode. */
export const cloudEventType = 'application/cloudevents+json';

/** How the object of an entry went out: whole, as its metadata, or as the address where it can be fetched. */
export type PublishedAs = 'data' | 'metadata' | 'reference' | 'marker';

export interface EncodedEvent {
  readonly body: Buffer;
  readonly as: PublishedAs;
}

export interface EncodeOptions {
  readonly clusterId: string;
  /** Longest body that the server takes. */
  readonly maxBytes: number;
  readonly includeSecrets: boolean;
}

const types: Readonly<Record<Verb, string>> = {
  create: 'io.reckon.object.created',
  update: 'io.reckon.object.updated',
  delete: 'io.reckon.object.deleted',
};

/**
 * An entry as a CloudEvent. The object's bytes go in as they are in the log:
 *
 * ```
 * {"specversion":"1.0","id":"42","source":"urn:reckon:<cluster id>","type":"io.reckon.object.updated",
 *  "subject":"/core/pods/default/web","time":"2026-01-01T00:00:00.000Z","revision":"42","previous":"17",
 *  "actor":"jane","agent":"kubectl/v1.36.0","manager":"kubectl","requestid":"<audit id>",
 *  "datacontenttype":"application/json","data":{…}}
 * ```
 * Numbers are texts, since CloudEvents has no integers over 32 bits.
 */
export function encodeEntry(entry: Entry, { clusterId, maxBytes, includeSecrets }: EncodeOptions): EncodedEvent {
  const head =
    `{"specversion":"1.0","id":"${entry.revision}","source":${sourceOf(clusterId)},"type":"${types[entry.verb]}",` +
    `"subject":${JSON.stringify(entry.key)},"time":"${timeOf(entry.at)}",` +
    `"revision":"${entry.revision}","previous":"${entry.previous}",` +
    `"actor":${JSON.stringify(entry.actor)},"agent":${JSON.stringify(entry.agent)},` +
    `"manager":${JSON.stringify(entry.manager)},"requestid":${JSON.stringify(entry.request)},`;
  const hidesData = !includeSecrets && isSecret(entry.key);
  const start = Buffer.from(
    `${head}${hidesData ? '"metadataonly":true,' : ''}"datacontenttype":"application/json","data":`,
  );
  const object = hidesData ? Buffer.from(secretMetadata(entry.object)) : entry.object;
  if (start.length + object.length + 1 > maxBytes)
    return {
      body: Buffer.from(`${head}"datacontenttype":"application/json","dataref":${JSON.stringify(dataRefOf(entry))}}`),
      as: 'reference',
    };
  return { body: Buffer.concat([start, object, closing]), as: hidesData ? 'metadata' : 'data' };
}

const closing = Buffer.from('}');

export interface CompactedRange {
  readonly from: number;
  readonly to: number;
  /** When the entry after the range was written, or the newest that there is: the range is not younger. */
  readonly at: number;
  /** As `LogReader.floors`, after the range was found missing. */
  readonly floors: readonly CompactionPlan[];
}

/**
 * The marker of history that is gone: `data` has `from` and `to` (both included) and the prefixes of the keys that the removed
 * entries can have had. A projection of other keys need not care.
 */
export function encodeCompacted({ from, to, at, floors }: CompactedRange, clusterId: string): Buffer {
  const prefixes = floors.filter(({ floor }) => floor >= from).map(({ prefix }) => prefix);
  return Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id: `${from}-${to}`,
      source: `urn:reckon:${clusterId}`,
      type: 'io.reckon.log.compacted',
      time: timeOf(at),
      revision: String(to),
      datacontenttype: 'application/json',
      data: { from, to, prefixes },
    }),
  );
}

const sourceOf = (clusterId: string): string => JSON.stringify(`urn:reckon:${clusterId}`);

/** API time as RFC 3339. */
function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
