import { Worker } from 'node:worker_threads';
import { StorageError } from '@reckon/store/contract';
import type { BatchMessage } from './batch';
import { type ErrorFields, fromFields, inNameOf } from './log-error';
import type { FromWorker, Requests, WorkerData } from './worker/protocol';

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface WorkerClientOptions {
  readonly script: URL | string;
  readonly data: WorkerData;
  /** Messages that answer no request. */
  readonly onMessage?: (message: Exclude<FromWorker, { type: 'answer' | 'refusal' }>) => void;
  /** The thread ended, by an error or by itself; requests that wait have been refused. */
  readonly onExit: (error: Error | undefined) => void;
}

/** Main thread's end of a worker: requests with answers, and batches. */
export class WorkerClient<R extends Requests> {
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private hasExited = false;

  private constructor(private readonly worker: Worker) {}

  static start<R extends Requests>(options: WorkerClientOptions): WorkerClient<R> {
    const script = typeof options.script === 'string' ? options.script : new URL(options.script);
    const worker = new Worker(script, { workerData: options.data, execArgv: [], stdin: false });
    const client = new WorkerClient<R>(worker);
    let failure: Error | undefined;
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'answer') client.settle(message.id)?.resolve(message.answer);
      else if (message.type === 'refusal') client.settle(message.id)?.reject(refusalOf(options.data, message.error));
      else options.onMessage?.(message);
    });
    worker.on('error', (error: Error) => {
      failure = error;
    });
    worker.on('exit', () => {
      client.hasExited = true;
      for (const id of [...client.waiting.keys()]) client.settle(id)?.reject(ended(failure));
      options.onExit(failure);
    });
    return client;
  }

  request<K extends keyof R & string>(what: K, ask: R[K]['ask']): Promise<R[K]['answer']> {
    if (this.hasExited) return Promise.reject(ended(undefined));
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ type: 'ask', id, what, ask });
    });
  }

  send(batch: BatchMessage): void {
    this.worker.postMessage(batch);
  }

  /** Resolves once the thread is gone. */
  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }
}

/** What a thread refuses, as its caller is told. */
export function refusalOf({ file, fileName = file }: WorkerData, fields: ErrorFields): Error {
  return inNameOf(fileName, file, fromFields(fields)) as Error;
}

const ended = (cause: Error | undefined): StorageError =>
  new StorageError('Closed', 'a thread of the log has ended', cause === undefined ? {} : { cause });
