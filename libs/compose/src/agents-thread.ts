import { type Running, systemTimers } from '@reckon/kernel';
import { Worker } from 'node:worker_threads';
import type { AgentsData, FromAgents, ToAgents } from './agents-protocol';
import { threadLimits } from './thread-limits';
import { workerScript } from './worker-script';

export interface AgentsThread extends Running {
  /** Starts the agents, once. Resolves when they run; rejects if they cannot. */
  run(data: AgentsData): Promise<{ readonly kubeletPort: number }>;
  /** Prometheus text of the agents' metrics. */
  metrics(): Promise<string>;
}

/** Agents get this long to finish what they write. */
const stopMs = 5_000;

/**
 * A thread of their own for the agents, so that they never hold up the apiserver's event loop. It reads its code at once, which takes
 * as long as the apiserver takes to come up, and waits for `run`.
 */
export function startAgentsThread(onFailure: (error: Error) => void): AgentsThread {
  const worker = new Worker(workerScript('agents'), { name: 'agents', resourceLimits: threadLimits.agents });
  const asked = new Map<number, (text: string) => void>();
  let lastId = 0;
  let isStopping = false;
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      resolve();
    });
  });
  const started = new Promise<{ kubeletPort: number }>((resolve, reject) => {
    worker.on('message', (message: FromAgents) => {
      switch (message.type) {
        case 'started':
          resolve({ kubeletPort: message.kubeletPort });
          return;
        case 'failed':
          reject(new Error(message.message));
          return;
        case 'metrics':
          asked.get(message.id)?.(message.text);
          asked.delete(message.id);
      }
    });
    worker.once('error', (error) => {
      const failure = error instanceof Error ? error : new Error(String(error));
      reject(failure);
      onFailure(failure);
    });
    void exited.then(() => {
      for (const answer of asked.values()) answer('');
      const failure = new Error('the thread of the controllers, scheduler and kubelet ended');
      reject(failure);
      if (!isStopping) onFailure(failure);
    });
  });
  // It may fail before anybody asks for it.
  started.catch(() => undefined);
  const tell = (message: ToAgents): void => {
    worker.postMessage(message);
  };
  return {
    run(data) {
      tell({ type: 'run', data });
      return started;
    },
    metrics: () =>
      new Promise((resolve) => {
        asked.set(++lastId, resolve);
        tell({ type: 'metrics', id: lastId });
      }),
    async stop() {
      isStopping = true;
      tell({ type: 'stop' });
      const cancel = systemTimers.after(stopMs, () => void worker.terminate());
      await exited;
      cancel();
    },
  };
}
