import { setFlagsFromString } from 'node:v8';
import type { Dispatcher, Pool } from 'undici';
import request from 'undici/lib/api/api-request.js';
import BarePool from 'undici/lib/dispatcher/pool.js';

// undici parses answers in WebAssembly. To optimize its one large function takes 40 MB and half a second of a core in each process that
// has a client, and makes no answer faster that anyone could notice.
setFlagsFromString('--no-wasm-dynamic-tiering');
setFlagsFromString('--liftoff-only');

/** The whole of an answer. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Connections to one origin. Of undici only what this takes: all of it would be most of what a client thread has to read and keep. */
export class HttpPool {
  private readonly pool: InstanceType<typeof BarePool>;

  constructor(origin: string, options: Pool.Options) {
    this.pool = new BarePool(origin, options);
  }

  /** The answer's body is a stream. */
  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    return request.call(this.pool, options);
  }

  /** A request whose answer is read whole: half the work of making a stream of it first. Rejects with the signal's reason. */
  exchange(options: Dispatcher.DispatchOptions, signal?: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const chunks: Buffer[] = [];
      let head: Omit<Answer, 'text'> | undefined;
      let controller: Dispatcher.DispatchController | undefined;
      const abort = (): void => {
        const reason = signal?.reason as Error;
        controller?.abort(reason);
        reject(reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      const end = (): void => signal?.removeEventListener('abort', abort);
      this.pool.dispatch(options, {
        onRequestStart(started) {
          controller = started;
          if (signal?.aborted === true) abort();
        },
        onResponseStart(_, statusCode, headers) {
          head = { statusCode, headers };
        },
        onResponseData(_, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          end();
          const [only = empty] = chunks;
          const body = chunks.length > 1 ? Buffer.concat(chunks) : only;
          if (head !== undefined) resolve({ ...head, text: body.toString('utf8') });
        },
        onResponseError(_, error) {
          end();
          reject(error);
        },
      });
    });
  }

  /** Takes no more requests; resolves when those under way have ended. */
  close(): Promise<void> {
    return this.pool.close();
  }

  /** Ends connections; requests in flight fail. */
  destroy(): Promise<void> {
    return this.pool.destroy();
  }
}

const empty = Buffer.alloc(0);
