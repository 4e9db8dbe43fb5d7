// For specs only: `@reckon/store/relay/suites`.
export * from './testing/feed-reader.suite';
export * from './testing/nats-server.suite';
