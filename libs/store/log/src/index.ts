export { checkLog } from './check-log';
export { lockDataDirectory } from './lock-data-directory';
export type { DataDirectoryLock } from './lock-data-directory';
export { memoryLog, unknownOutcome } from './memory-log';
export type { MemoryLog, MemoryLogOptions, MemorySnapshot } from './memory-log';
export { openSqliteLog } from './sqlite-log';
export type { SqliteLog, SqliteLogOptions } from './sqlite-log';
