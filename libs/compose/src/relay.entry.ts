import { MetricsRegistry, systemClock, systemRandom, systemTimers } from '@reckon/kernel';
import { openLogReader } from '@reckon/store/log';
import { startRelay } from '@reckon/store/relay';
import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from './logger';
import type { FromRelay, RelayData, ToRelay } from './relay-protocol';
import { stepBack } from './step-back';

/**
 * The thread that publishes the log on NATS: started by `relay-thread.ts`. It reads the log's file by itself, so that a write costs
 * the apiserver nothing more for being published.
 */
const port = parentPort;
if (port === null) throw new Error('this is the entry of a worker thread');
const { file, isTold, pollMs, relay: options, verbosity, loggingFormat, encryption } = workerData as RelayData;
const tell = (message: FromRelay): void => {
  port.postMessage(message);
};

const log = await openLogReader({ file, pollMs, ...(encryption === undefined ? {} : { encryption }) });
const metrics = new MetricsRegistry();
const relay = startRelay({
  ...options,
  log,
  clock: systemClock,
  monotonic: systemClock,
  timers: systemTimers,
  random: systemRandom,
  logger: createLogger('relay', verbosity, loggingFormat),
  metrics,
});
/** While the log grows all the time it is looked at this often: a look, and its messages' way, cost the same for one as for many. */
const gatherMs = 20;
let lookedAtMs = -gatherMs;
/** The log has grown since. */
let hasNews = false;
function look(): void {
  if (!hasNews) return;
  hasNews = false;
  lookedAtMs = systemClock.elapsedMs();
  // In this order: what is committed from now on is told again.
  Atomics.store(isTold, 0, 0);
  log.poll();
}

// Whoever asks the apiserver waits for it; whoever reads the feed comes later anyway.
stepBack();

async function stop(): Promise<void> {
  try {
    // What was appended since the last poll goes out too, if NATS is there.
    log.refresh();
    await relay.stop();
    await log.close();
  } finally {
    port?.close();
  }
}

port.on('message', (message: ToRelay) => {
  switch (message.type) {
    case 'grown': {
      hasNews = true;
      const restMs = lookedAtMs + gatherMs - systemClock.elapsedMs();
      if (restMs <= 0) look();
      else systemTimers.after(restMs, look);
      return;
    }
    case 'decrypt':
      log.decrypt(message.encryption);
      return;
    // Who asks after a commit is told of it, and not of what there was at the last look.
    case 'metrics':
      look();
      tell({ type: 'metrics', id: message.id, answer: metrics.render() });
      return;
    case 'state':
      look();
      tell({ type: 'state', id: message.id, answer: relay.state() });
      return;
    case 'stop':
      void stop();
  }
});
