import type { Entry } from './event-log';
import { parseKey } from './object-key';

/** How an entry's object is shown, where it is not as it is stored. */
export interface ShownAs {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly object: Buffer;
}

const end = Buffer.from('}\n');

/**
 * One entry as a line of JSON: what `/history` answers and what an export holds. `object` comes last and is the stored bytes, so
 * that no number in it loses a digit on the way.
 *
 * `{"revision":7,"at":"2026-01-31T12:00:00.000Z","verb":"update","group":"apps","version":"v1","resource":"deployments",
 * "namespace":"default","name":"web","previous":5,"actor":…,"agent":…,"manager":…,"request":…,"object":{…}}`
 */
export function entryLine(entry: Entry, shown?: ShownAs): Buffer {
  const { group, resource, namespace, name } = parseKey(entry.key);
  const head = JSON.stringify({
    revision: entry.revision,
    at: new Date(entry.at).toISOString(),
    verb: entry.verb,
    group: shown?.group ?? group,
    version: shown?.version ?? storedVersion(entry.object),
    resource: shown?.resource ?? resource,
    namespace,
    name,
    previous: entry.previous,
    actor: entry.actor,
    agent: entry.agent,
    manager: entry.manager,
    request: entry.request,
  });
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"object":`), shown?.object ?? entry.object, end]);
}

/** Stored bytes begin with kind and apiVersion; '' if these do not. */
function storedVersion(object: Buffer): string {
  const match = /^\{"kind":"[^"]*","apiVersion":"(?:[^"/]*\/)?([^"/]*)"/.exec(object.toString('latin1', 0, 512));
  return match?.[1] ?? '';
}
