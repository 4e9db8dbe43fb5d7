export * from './declared-features';
