import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { armFromText, seededRandom, systemRandom } from '@reckon/kernel';
import { revision } from '@reckon/store/contract';
import type { Entry } from '@reckon/store/contract';
import type { EncryptionOptions } from '../encryption/encryption-options';
import { openSqliteLog } from '../sqlite-log';

/**
 * The process that the crash suite kills. It appends without end, compacts now and then, and says each acknowledged revision on
 * stdout before it does anything else: `argv: file writer reader seed failpoints keys`. Pods are encrypted with the first of the keys, whose
 * secrets come from their names.
 */
const [file = '', writer = '', reader = '', seed = '1', failpoints = '', names = ''] = process.argv.slice(2);
const keys = names
  .split(',')
  .filter((name) => name !== '')
  .map((name) => ({ provider: 'aesgcm', name, secret: createHash('sha256').update(name).digest() }) as const);
const encryption: EncryptionOptions = {
  rules: [{ resources: [{ group: '', resource: 'pods' }], writeKey: keys[0] }],
  keys,
};
const random = seededRandom(Number(seed));
armFromText(failpoints);
const log = await openSqliteLog({
  file,
  workers: { writer, reader },
  random: systemRandom,
  failpoints,
  ...(keys.length === 0 ? {} : { encryption }),
});
say('open');

/** The pipe does not block: while the parent has no time to read, it is full. */
function say(line: string): void {
  for (;;)
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
}

const live = new Map<string, Entry>();
for await (const chunk of log.heads())
  for (const head of chunk)
    live.set(head.key, {
      key: head.key,
      revision: head.revision,
      previous: revision(0),
      verb: 'update',
      object: head.object,
      at: log.lastAt,
      actor: '',
      agent: '',
      manager: '',
      request: '',
    });
let next = log.head + 1;

function decide(batch: number, size: number): Entry {
  const group = random.int(2) === 0 ? '/core/pods/default/' : '/coordination.k8s.io/leases/kube-node-lease/';
  const key = `${group}o${random.int(40)}`;
  const before = live.get(key);
  const verb = before === undefined ? 'create' : random.int(4) === 0 ? 'delete' : 'update';
  const stamp = next++;
  const object = { metadata: { resourceVersion: String(stamp) }, batch, size, text: 'x'.repeat(random.int(4000)) };
  const entry: Entry = {
    revision: revision(stamp),
    key,
    previous: before?.revision ?? revision(0),
    verb,
    object: Buffer.from(JSON.stringify(object)),
    at: stamp,
    actor: `actor-${random.int(3)}`,
    agent: 'crash-child',
    manager: '',
    request: '',
  };
  if (verb === 'delete') live.delete(key);
  else live.set(key, entry);
  return entry;
}

/** One client: its batch is `batch`, `size` entries from the first revision on; the parent looks for halves. */
async function client(): Promise<never> {
  for (;;) {
    const first = next;
    const size = 1 + random.int(4);
    const entries = Array.from({ length: size }, () => decide(first, size));
    await log.append(entries);
    say(String(first + size - 1));
  }
}

async function compactor(): Promise<never> {
  for (;;) {
    await log.append([decide(next, 1)]);
    await log.compact([{ prefix: '/coordination.k8s.io/leases/', floor: revision(Math.max(0, log.head - 50)) }]);
  }
}

await Promise.all([client(), client(), client(), client(), client(), client(), client(), client(), compactor()]);
