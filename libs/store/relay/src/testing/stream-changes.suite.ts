import { jetstreamManager } from '@nats-io/jetstream';
import type { StreamConfig, StreamState } from '@nats-io/jetstream';
import { testConnection } from './feed-reader.suite';
import type { NatsAccess } from './feed-reader.suite';

/** What an administrator of NATS does to the stream behind the relay's back. */
export interface StreamChanges {
  delete(): Promise<void>;
  /** -1 takes a limit away. */
  limit(limits: Partial<Pick<StreamConfig, 'max_bytes' | 'max_msgs'>>): Promise<void>;
  config(): Promise<StreamConfig>;
  state(): Promise<StreamState>;
}

export function changesOf(to: NatsAccess, stream = 'RECKON'): StreamChanges {
  const withManager = async <T>(
    run: (streams: Awaited<ReturnType<typeof jetstreamManager>>['streams']) => Promise<T>,
  ): Promise<T> => {
    const connection = await testConnection(to);
    try {
      return await run((await jetstreamManager(connection)).streams);
    } finally {
      await connection.close();
    }
  };
  return {
    async delete() {
      await withManager((streams) => streams.delete(stream));
    },
    async limit(limits) {
      await withManager((streams) => streams.update(stream, limits));
    },
    config: () => withManager(async (streams) => (await streams.info(stream)).config),
    state: () => withManager(async (streams) => (await streams.info(stream)).state),
  };
}
