// Counts pods by phase. Its state is a file, so it goes on where it was when it is started again.
import { connect } from '@nats-io/transport-node';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { followFeed, fromTheStart } from './follow-feed';
import type { Cursor, FeedEvent } from './follow-feed';

const [
  server = 'nats://127.0.0.1:4222',
  stateFile = 'pods-by-phase.json',
  /** Asked only when an object was too large for NATS, or history was gone before it was read; `kubectl proxy` serves it. */
  apiServer = 'http://127.0.0.1:8001',
] = process.argv.slice(2);

/** What is counted and how far it is stand in one file, so that they always fit each other. */
interface State {
  cursor: Cursor;
  /** Events up to here are in `phases` already. */
  listedAt: number;
  phases: Record<string, string>;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status?: { readonly phase?: string };
}

function load(): State {
  // The first start; a file that cannot be read is no reason to count anew in silence.
  if (!existsSync(stateFile)) return { cursor: fromTheStart, listedAt: 0, phases: {} };
  return JSON.parse(readFileSync(stateFile, 'utf8')) as State;
}

function save(state: State): void {
  writeFileSync(`${stateFile}.new`, JSON.stringify(state));
  renameSync(`${stateFile}.new`, stateFile);
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(new URL(path, apiServer));
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
  return (await answer.json()) as T;
}

const phaseOf = (pod: Pod): string => pod.status?.phase ?? 'Unknown';

async function apply(state: State, event: FeedEvent): Promise<void> {
  const { type, subject = '', data, dataref } = event;
  if (Number(event.revision) <= state.listedAt) return;
  if (type === 'io.reckon.log.compacted') {
    // Whether a pod was deleted in there nobody can tell any more; the history of Leases is no concern of ours.
    const { prefixes } = data as { readonly prefixes: readonly string[] };
    if (state.cursor.revision === 0 || !prefixes.some((prefix) => '/core/pods/'.startsWith(prefix))) return;
    const list = await get<{ metadata: { resourceVersion: string }; items: Pod[] }>('/api/v1/pods');
    state.listedAt = Number(list.metadata.resourceVersion);
    state.phases = Object.fromEntries(
      list.items.map((pod) => [`/core/pods/${pod.metadata.namespace}/${pod.metadata.name}`, phaseOf(pod)]),
    );
  } else if (subject.startsWith('/core/pods/')) {
    if (type === 'io.reckon.object.deleted') delete state.phases[subject];
    else state.phases[subject] = phaseOf(dataref === undefined ? (data as Pod) : await get<Pod>(dataref));
  }
}

function countsOf({ phases }: State): string {
  const counts = new Map<string, number>();
  for (const phase of Object.values(phases)) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([phase, count]) => `${phase}=${count}`)
    .join(' ');
}

const state = load();
const connection = await connect({ servers: server, maxReconnectAttempts: -1 });
let shown: string | undefined;
for await (const { event, cursor } of followFeed(connection, 'RECKON', state.cursor)) {
  await apply(state, event);
  state.cursor = cursor;
  save(state);
  const counts = countsOf(state);
  if (counts !== shown) process.stdout.write(`${cursor.revision} ${counts}\n`);
  shown = counts;
}
