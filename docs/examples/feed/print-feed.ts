// Prints who did what, from the first entry on, and goes on with what comes.
import { connect } from '@nats-io/transport-node';
import { followFeed, fromTheStart } from './follow-feed';

const [server = 'nats://127.0.0.1:4222', stream = 'RECKON'] = process.argv.slice(2);
const connection = await connect({ servers: server, maxReconnectAttempts: -1 });
for await (const { event } of followFeed(connection, stream, fromTheStart)) {
  const what = event.subject ?? 'compacted away';
  process.stdout.write(
    `${event.id} ${event.time} ${event.actor ?? '-'} ${event.type.split('.').pop() ?? ''} ${what}\n`,
  );
}
