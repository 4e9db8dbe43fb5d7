export { entryId, markerId, parseMessageId } from './message-id';
export type { MessageId } from './message-id';
export { relayDefaults, relayOptionsSchema } from './relay-options';
export type { RelayOptions } from './relay-options';
export { relayProblems } from './relay-problem';
export type { RelayProblemCode } from './relay-problem';
export { startRelay } from './start-relay';
export type { Relay, RelayState, StartRelayOptions } from './start-relay';
export { compactedSubject, subjectOf } from './subject';
