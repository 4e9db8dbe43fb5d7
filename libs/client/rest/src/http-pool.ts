import { setFlagsFromString } from 'node:v8';
import type { Dispatcher, Pool } from 'undici';
import request from 'undici/lib/api/api-request.js';
import BarePool from 'undici/lib/dispatcher/pool.js';

// undici parses answers in WebAssembly. To optimize its one large function takes 40 MB and half a second of a core in each process that
// has a client, and makes no answer faster that anyone could notice.
setFlagsFromString('--no-wasm-dynamic-tiering');
setFlagsFromString('--liftoff-only');

/** Connections to one origin. Of undici only what this takes: all of it would be most of what a client thread has to read and keep. */
export class HttpPool {
  private readonly pool: InstanceType<typeof BarePool>;

  constructor(origin: string, options: Pool.Options) {
    this.pool = new BarePool(origin, options);
  }

  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    return request.call(this.pool, options);
  }

  /** Ends connections; requests in flight fail. */
  destroy(): Promise<void> {
    return this.pool.destroy();
  }
}
