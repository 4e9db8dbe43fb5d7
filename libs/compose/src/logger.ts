import type { Logger } from '@reckon/kernel';
import pino from 'pino';

const levels = ['warn', 'info', 'debug'] as const;

/** JSON lines on standard error, so that standard output holds only what a person is told. */
export function createLogger(component: string, verbosity: number): Logger {
  const level = levels[Math.min(verbosity, levels.length - 1)] ?? 'warn';
  // Stack traces are for those who debug Reckon; others are told what went wrong.
  const error = (value: unknown): unknown =>
    value instanceof Error ? (level === 'debug' ? value.stack : value.message) : value;
  return wrap(pino({ level, base: { component }, serializers: { error } }, pino.destination({ dest: 2, sync: true })));
}

function wrap(log: pino.Logger): Logger {
  return {
    debug: (message, fields) => {
      log.debug(fields ?? {}, message);
    },
    info: (message, fields) => {
      log.info(fields ?? {}, message);
    },
    warn: (message, fields) => {
      log.warn(fields ?? {}, message);
    },
    error: (message, fields) => {
      log.error(fields ?? {}, message);
    },
    with: (fields) => wrap(log.child(fields)),
  };
}
