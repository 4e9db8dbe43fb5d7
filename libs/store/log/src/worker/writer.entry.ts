import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { armFromText, systemClock, systemTimers } from '@reckon/kernel';
import { StorageError } from '@reckon/store/contract';
import type { BatchMessage } from '../batch';
import { errorFields } from '../log-error';
import { sqliteCode } from '../sqlite-failure';
import { openDatabase } from './open-database';
import type { FromWorker, ToWorker, WriterData, WriterRequests } from './protocol';
import { Writer } from './writer';

/** The thread that owns the database: `dist/log-writer.mjs`. */
const data = workerData as WriterData;
const port = parentPort;
if (port === null) throw new Error('the log writer runs as a worker thread');
const say = (message: FromWorker, move: ArrayBuffer[] = []): void => {
  port.postMessage(message, move);
};

/** Whatever is not a refusal with a known outcome ends the process: the main thread is told why. */
const sayFatal = (error: unknown): void => {
  say({
    type: 'fatal',
    message: error instanceof Error ? error.message : String(error),
    cause: sqliteCode(error) ?? '',
  });
};

try {
  armFromText(data.failpoints);
  const { db, opened } = openDatabase(data);
  const writer = new Writer({
    db,
    opened,
    file: data.file,
    clock: systemClock,
    timers: systemTimers,
    fatal: sayFatal,
    ...(data.encryption === undefined ? {} : { encryption: data.encryption }),
    rewrapped: (entries) => {
      say({ type: 'rewrapped', entries });
    },
  });
  if (data.maxPages !== undefined) writer.limitPages(data.maxPages);
  port.on('message', (message: ToWorker<WriterRequests>) => {
    try {
      for (let next: typeof message | undefined = message; next !== undefined;) {
        if (next.type === 'batch') next = commitWaiting(writer, next);
        else {
          void answer(writer, next);
          next = undefined;
        }
      }
    } catch (error) {
      sayFatal(error);
    }
  });
  say({ type: 'opened', opened });
} catch (error) {
  if (!(error instanceof StorageError)) throw error;
  say({ type: 'unusable', error: errorFields(error) });
  port.close();
}

/** Commits a batch with those that came after it while another was written. Answers the message that ended them, if one did. */
function commitWaiting(writer: Writer, first: BatchMessage): ToWorker<WriterRequests> | undefined {
  const batches = [first];
  let end: ToWorker<WriterRequests> | undefined;
  while (port !== null && end === undefined) {
    const next = receiveMessageOnPort(port)?.message as ToWorker<WriterRequests> | undefined;
    if (next === undefined) break;
    if (next.type === 'batch' && !next.forgetWho) batches.push(next);
    else end = next;
  }
  const outcomes = writer.commit(batches).map(({ committed, failure }) => ({
    committed,
    ...(failure === undefined ? {} : { failure: errorFields(failure) }),
  }));
  say({ type: 'settled', outcomes });
  return end;
}

async function answer(writer: Writer, message: Exclude<ToWorker<WriterRequests>, { type: 'batch' }>): Promise<void> {
  try {
    switch (message.what) {
      case 'heads': {
        const heads = writer.headsAfter(message.ask.afterKeyId);
        say({ type: 'answer', id: message.id, answer: heads }, [...heads.heads.objects.slabs]);
        return;
      }
      case 'compact':
        say({ type: 'answer', id: message.id, answer: await writer.compact(message.ask.plan) });
        return;
      case 'limitPages':
        writer.limitPages(message.ask.pages);
        say({ type: 'answer', id: message.id, answer: undefined });
        return;
      case 'encrypt':
        writer.encrypt(message.ask);
        say({ type: 'answer', id: message.id, answer: undefined });
        return;
      case 'isStale':
        say({ type: 'answer', id: message.id, answer: writer.isStale(message.ask) });
        return;
      case 'wrappingKeys':
        say({ type: 'answer', id: message.id, answer: writer.wrappingKeys() });
        return;
      case 'close':
        await writer.close();
        say({ type: 'answer', id: message.id, answer: undefined });
        port?.close();
        return;
    }
  } catch (error) {
    if (error instanceof StorageError) say({ type: 'refusal', id: message.id, error: errorFields(error) });
    else sayFatal(error);
  }
}
