import type { LogReader, Revision } from '@reckon/store/contract';
import { noRevision } from '@reckon/store/contract';
import { DiscardPolicy, JetStreamApiCodes, JetStreamApiError, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { JetStreamManager, StoredMsg, StreamConfig, StreamInfo, StreamState } from '@nats-io/jetstream';
import * as z from 'zod';
import { jsonText } from './json-text';
import { parseMessageId } from './message-id';
import type { RelayOptions } from './relay-options';
import { RelayProblem } from './relay-problem';

/** Where the stream stands: what has been published, and where the next message goes. */
export interface StreamPosition {
  readonly revision: Revision;
  readonly sequence: number;
  /** Longest message that the stream takes, in bytes; undefined: as long as the server does. */
  readonly maxMessageBytes: number | undefined;
}

/**
 * Makes the stream if it is missing, and asks it where it stands: there is no cursor elsewhere. Throws `RelayProblem` when it is not
 * ours to write on.
 */
export async function openStream(
  jsm: JetStreamManager,
  log: LogReader,
  { stream, subjectPrefix }: RelayOptions,
): Promise<StreamPosition> {
  const filter = `${subjectPrefix}.>`;
  const { config, state } = await findOrMake(jsm, stream, filter);
  if (!isFit(config, filter))
    throw new RelayProblem('StreamUnfit', `the stream ${stream} does not take the subjects ${filter} as they come`);
  const maxMessageBytes = config.max_msg_size > 0 ? config.max_msg_size : undefined;
  const last = await lastOf(jsm, { stream, subjectPrefix, state });
  const position = { sequence: state.last_seq, maxMessageBytes };
  return last === null
    ? { ...position, revision: noRevision }
    : { ...position, revision: await revisionOf(last, log, stream) };
}

interface Where {
  readonly stream: string;
  readonly subjectPrefix: string;
  readonly state: StreamState;
}

/** The newest message of the feed; null if there is none. */
async function lastOf(jsm: JetStreamManager, { stream, subjectPrefix, state }: Where): Promise<StoredMsg | null> {
  if (state.messages === 0) return null;
  const last = await jsm.streams.getMessage(stream, { last_by_subj: `${subjectPrefix}.>` });
  if (last !== null) return last;
  // nats-server 2.9 finds none by its subject once the stream's newest message was taken out by hand.
  for (let seq = state.last_seq; seq >= state.first_seq; seq--) {
    const message = await jsm.streams.getMessage(stream, { seq });
    if (message?.subject.startsWith(`${subjectPrefix}.`) === true) return message;
  }
  return null;
}

async function findOrMake(jsm: JetStreamManager, stream: string, filter: string): Promise<StreamInfo> {
  try {
    return await jsm.streams.info(stream);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== JetStreamApiCodes.StreamNotFound) throw error;
  }
  return jsm.streams.add({
    name: stream,
    description: "The event log of a Reckon cluster, published by the cluster's relay",
    subjects: [filter],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    // Whoever sets limits later shall see the relay wait, and not consumers lose what they have not read.
    discard: DiscardPolicy.New,
    allow_direct: true,
  });
}

function isFit({ subjects, sealed, mirror }: StreamConfig, filter: string): boolean {
  return !sealed && mirror === undefined && subjects.some((subject) => covers(subject, filter));
}

/** Whether everything that matches `filter` matches `pattern`. */
function covers(pattern: string, filter: string): boolean {
  const wanted = filter.split('.');
  for (const [i, token] of pattern.split('.').entries()) {
    if (token === '>') return wanted.length > i;
    if (wanted[i] === undefined || wanted[i] === '>' || (token !== '*' && token !== wanted[i])) return false;
  }
  return pattern.split('.').length === wanted.length;
}

/** What of the last event is compared with the log. */
const lastEvent = jsonText.pipe(z.object({ subject: z.string(), time: z.string(), requestid: z.string() }));

/** Throws unless the message is this log's own. */
async function revisionOf(last: StoredMsg, log: LogReader, stream: string): Promise<Revision> {
  const id = parseMessageId(last.header.get('Nats-Msg-Id'));
  if (id === undefined)
    throw new RelayProblem('StreamForeign', `the last message of the stream ${stream} is no relay's`);
  if (id.clusterId !== log.id)
    throw new RelayProblem('StreamForeign', `the stream ${stream} holds the log of another cluster`, {
      data: { clusterId: log.id, streamOf: id.clusterId },
    });
  if (id.to > log.head)
    throw new RelayProblem('StreamAhead', `the stream ${stream} is ahead of the log`, {
      data: { published: id.to, head: log.head },
    });
  if (id.kind === 'entry' && !(await isSame(last, log, id.to)))
    throw new RelayProblem('StreamForeign', `the stream ${stream} holds another course of this log`, {
      data: { revision: id.to },
    });
  return id.to;
}

/** False if the log has another entry at the revision: a copy of the data directory has gone its own way. */
async function isSame(last: StoredMsg, log: LogReader, at: Revision): Promise<boolean> {
  const { data: event } = lastEvent.safeParse(last.string());
  if (event === undefined) return false;
  for await (const [entry] of log.read({ after: (at - 1) as Revision, to: at, acrossCompacted: true }))
    if (entry !== undefined)
      return (
        entry.key === event.subject &&
        entry.request === event.requestid &&
        new Date(entry.at).toISOString() === event.time
      );
  return true; // Compacted meanwhile.
}
