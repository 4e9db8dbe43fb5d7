import { parentPort, workerData } from 'node:worker_threads';
import { armFromText } from '@reckon/kernel';
import { StorageError } from '@reckon/store/contract';
import Database from 'better-sqlite3';
import { errorFields } from '../log-error';
import { readerPragmas } from '../statements';
import { HistoryInspector } from './check-step';
import type { FromWorker, ReaderRequests, ToWorker, WorkerData } from './protocol';
import { Reader } from './reader';

/** The thread that reads history, started when first needed: `dist/log-reader.mjs`. */
const data = workerData as WorkerData;
const port = parentPort;
if (port === null) throw new Error('the log reader runs as a worker thread');
const say = (message: FromWorker, move: readonly ArrayBuffer[] = []): void => {
  port.postMessage(message, [...move]);
};

armFromText(data.failpoints);
const db = new Database(data.file, { readonly: true, fileMustExist: true });
for (const pragma of readerPragmas) db.pragma(pragma);
const reader = new Reader(db, data.file, data.encryption);
let inspector: HistoryInspector | undefined;

port.on('message', (message: ToWorker<ReaderRequests>) => {
  if (message.type === 'batch') return;
  const { id } = message;
  try {
    switch (message.what) {
      case 'read': {
        const answer = reader.read(message.ask);
        say({ type: 'answer', id, answer }, answer.entries.objects.slabs);
        return;
      }
      case 'listAt': {
        const answer = reader.listAt(message.ask);
        say({ type: 'answer', id, answer }, answer.heads.objects.slabs);
        return;
      }
      case 'revisionAt':
        say({ type: 'answer', id, answer: reader.revisionAt(message.ask) });
        return;
      case 'check':
        inspector ??= new HistoryInspector(db, data.file);
        say({ type: 'answer', id, answer: inspector.step(message.ask) });
        return;
      case 'encrypt':
        reader.decrypt(message.ask);
        say({ type: 'answer', id, answer: undefined });
        return;
      case 'close':
        db.close();
        say({ type: 'answer', id, answer: undefined });
        port.close();
        return;
    }
  } catch (error) {
    // A read that fails harms nobody but its caller.
    const refusal =
      error instanceof StorageError
        ? error
        : new StorageError('LogUnusable', `${data.file} could not be read: ${String(error)}`, {
            hint: 'Try again; if it stays, run `reckon check`.',
            data: { file: data.file },
          });
    say({ type: 'refusal', id, error: errorFields(refusal) });
  }
});
