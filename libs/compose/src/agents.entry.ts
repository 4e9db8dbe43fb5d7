import { parentPort, workerData } from 'node:worker_threads';
import { startAgentsPlane } from './agents-plane';
import type { AgentsData, FromAgents, ToAgents } from './agents-protocol';
import { createLogger } from './logger';

/** The thread of the embedded agents: started by `agents-thread.ts`. */
const port = parentPort;
if (port === null) throw new Error('this is the entry of a worker thread');
const tell = (message: FromAgents): void => {
  port.postMessage(message);
};

const data = workerData as AgentsData;
try {
  const plane = await startAgentsPlane(data, createLogger('agents', data.verbosity));
  port.on('message', (message: ToAgents) => {
    switch (message.type) {
      case 'metrics':
        tell({ type: 'metrics', id: message.id, text: plane.metrics.render() });
        return;
      case 'stop':
        void plane.stop().finally(() => {
          port.close();
        });
    }
  });
  tell({ type: 'started', kubeletPort: plane.kubeletPort });
} catch (error) {
  tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}
