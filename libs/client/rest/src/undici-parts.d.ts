/* eslint-disable no-restricted-exports -- these modules export so */
/** Parts of undici that have no declarations of their own; its index, which has them, reads three times as much. */
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Dispatcher, Pool } from 'undici';
  /** `request` is what the index adds to it. */
  const pool: new (origin: string, options: Pool.Options) => Pick<Dispatcher, 'dispatch' | 'close' | 'destroy'>;
  export default pool;
}

declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';
  function request(
    this: Pick<Dispatcher, 'dispatch'>,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>;
  export default request;
}
