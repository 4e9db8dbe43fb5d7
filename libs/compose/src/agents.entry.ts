import { parentPort } from 'node:worker_threads';
import { type AgentsPlane, startAgentsPlane } from './agents-plane';
import type { FromAgents, ToAgents } from './agents-protocol';
import { createLogger } from './logger';

/** The thread of the embedded agents: started by `agents-thread.ts`. */
const port = parentPort;
if (port === null) throw new Error('this is the entry of a worker thread');
const tell = (message: FromAgents): void => {
  port.postMessage(message);
};

let plane: Promise<AgentsPlane> | undefined;

/** Nothing before they run. */
async function metricsText(): Promise<string> {
  try {
    return (await plane)?.metrics.render() ?? '';
  } catch {
    // A start that failed was told.
    return '';
  }
}

async function stop(): Promise<void> {
  try {
    await (await plane)?.stop();
  } finally {
    port?.close();
  }
}

port.on('message', (message: ToAgents) => {
  switch (message.type) {
    case 'run':
      plane = startAgentsPlane(
        message.data,
        createLogger('agents', message.data.verbosity, message.data.loggingFormat),
      );
      plane.then(
        ({ kubeletPort }) => {
          tell({ type: 'started', kubeletPort });
        },
        (error: unknown) => {
          tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
        },
      );
      return;
    case 'metrics':
      void metricsText().then((text) => {
        tell({ type: 'metrics', id: message.id, text });
      });
      return;
    case 'stop':
      // A start or an end that failed is no reason to stay.
      stop().catch(() => undefined);
  }
});
