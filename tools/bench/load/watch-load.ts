import { configMapBody } from '../objects';
import type { Figure } from '../rows';
import type { Target } from '../target';
import { type Client, openClient } from './client';
import { Latencies } from './latencies';
import { openWatchStream } from './watch-stream';

const frameEnd = Buffer.from('}\n');
const path = '/api/v1/namespaces/default/configmaps';
/** A server that has ended a watch may leave its connection open: then some events never come. */
const patienceMs = 60_000;
/** So many watchers read names, to know how late events are; the others only count. */
const readers = 4;

/** Many watchers of one resource while clients create objects: events delivered per second, and how late they come. */
export async function watchLoad(
  target: Target,
  load: { readonly watchers: number; readonly creates: number; readonly clients: number; readonly prefix: string },
): Promise<Figure> {
  const watchers = await Promise.all(Array.from({ length: load.watchers }, () => openWatchStream(target)));
  const creators = Array.from({ length: load.clients }, () => openClient(target));
  const sentAt = new Map<string, number>();
  const latencies = new Latencies();
  const name = (i: number): string => `${load.prefix}-${String(i)}`;
  const namePattern = new RegExp(`"name":"(${load.prefix}-\\d+)"`, 'g');
  const wanted = load.watchers * load.creates;
  let seen = 0;
  let opened = 0;
  let startAt = 0;
  const list = await creators[0]?.request('GET', `${path}?limit=1`);
  const listed = /"resourceVersion":"(\d+)"/.exec(list?.body.toString() ?? '')?.[1] ?? '0';

  return new Promise<Figure>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${String(seen)} of ${String(wanted)} events in time`)),
      patienceMs,
    );
    const finish = (): void => {
      clearTimeout(timer);
      const seconds = (performance.now() - startAt) / 1000;
      for (const connection of [...watchers, ...creators]) connection.close();
      resolve({ value: seen / seconds, ...latencies.summary() });
    };
    const create = async (client: Client, first: number): Promise<void> => {
      for (let i = first; i < load.creates; i += load.clients) {
        const body = configMapBody(name(i));
        sentAt.set(name(i), performance.now());
        const { status } = await client.request('POST', path, body);
        if (status !== 201) throw new Error(`create answered ${String(status)}`);
      }
    };
    const start = (): void => {
      startAt = performance.now();
      Promise.all(creators.map(create)).catch(reject);
    };
    for (const [index, watcher] of watchers.entries()) {
      let isOpen = false;
      let isHalf = false;
      const take = (chunk: Buffer): void => {
        if (!isOpen) {
          isOpen = true;
          if (++opened === watchers.length) start();
        }
        if (isHalf && chunk[0] === 0x0a) seen++;
        for (let at = chunk.indexOf(frameEnd); at >= 0; at = chunk.indexOf(frameEnd, at + 2)) seen++;
        isHalf = chunk[chunk.length - 1] === 0x7d;
        if (index < readers) {
          const now = performance.now();
          for (const [, found = ''] of chunk.toString('latin1').matchAll(namePattern))
            latencies.add(now - (sentAt.get(found) ?? now));
        }
        if (seen >= wanted) finish();
      };
      watcher.start(`${path}?watch=true&resourceVersion=${listed}`, take, reject);
    }
  });
}
