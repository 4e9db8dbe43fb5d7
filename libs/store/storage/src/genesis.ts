import type { Entry, EventLog, ObjectKey, Revision } from '@reckon/store/contract';
import { keyText } from '@reckon/store/contract';

/** Served by no API: it says in the log itself which log it is and when it began. */
export const genesisKey: ObjectKey = { group: 'reckon.dev', resource: 'logs', namespace: '', name: 'genesis' };

/**
 * Writes the first entry of an empty log, so that every list answers a resourceVersion ≥ 1: to clients "0" means "any state" and
 * never stands for a real one. An entry instead of numbering from 2, because the log is dense.
 */
export async function writeGenesis(log: EventLog, nowMs: number): Promise<void> {
  const revision = 1 as Revision;
  const object = {
    apiVersion: 'reckon.dev/v1',
    kind: 'Log',
    metadata: {
      name: genesisKey.name,
      uid: log.id,
      resourceVersion: String(revision),
      creationTimestamp: new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    },
  };
  const entry: Entry = {
    revision,
    key: keyText(genesisKey),
    previous: 0 as Revision,
    verb: 'create',
    object: Buffer.from(JSON.stringify(object)),
    at: nowMs,
    actor: 'system:apiserver',
    agent: 'reckon',
    manager: 'reckon',
    request: '',
  };
  await log.append([entry]);
}
