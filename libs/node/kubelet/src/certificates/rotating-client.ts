import type { RestClient } from '@reckon/client/rest';
import type { Running, Timers } from '@reckon/kernel';

/** What is under way has this long before the connections of an old certificate are closed. */
const graceMs = 10_000;

export interface RotatingClient extends Running {
  /** Stays the same object: whoever holds it speaks with the newest certificate from the next request on. */
  readonly rest: RestClient;
  use(next: RestClient): void;
}

/**
 * A client whose certificate changes. A certificate belongs to a connection, so a new one needs new connections: each request goes
 * through the newest client, the one before ends after a while, and its watches begin anew, as client-go's do when kubelet closes all
 * connections (pkg/kubelet/certificate `UpdateTransport`).
 */
export function rotatingClient(first: RestClient, timers: Timers): RotatingClient {
  let current = first;
  const closing = new Set<RestClient>();
  const rest = new Proxy(first, {
    get: (_, property) => Reflect.get(current, property) as unknown,
    set: (_, property, value) => Reflect.set(current, property, value),
  });
  return {
    rest,
    use(next) {
      const old = current;
      current = next;
      closing.add(old);
      timers.after(graceMs, () => {
        if (closing.delete(old)) void old.close();
      });
    },
    async stop() {
      const all = [current, ...closing];
      closing.clear();
      await Promise.all(all.map((client) => client.close()));
    },
  };
}
