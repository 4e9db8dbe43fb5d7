// For specs only: `@reckon/store/relay/suites`.
export * from './testing/feed-reader.suite';
export * from './testing/live-consumer.suite';
export * from './testing/named-consumer.suite';
export * from './testing/nats-operator.suite';
export * from './testing/nats-server.suite';
export * from './testing/stream-changes.suite';
