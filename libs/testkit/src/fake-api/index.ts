export * from './client-harness';
export * from './fake-api';
export { FakeStore, type FakeDelete, type FakeEvent } from './fake-store';
export { fakeKinds } from './fake-kinds';
