import { isatty } from 'node:tty';
import type { Logger } from '@reckon/kernel';
import pino from 'pino';
import type { LogFormat } from './log-format';
import { logText } from './log-text';

const levels = ['warn', 'info', 'debug'] as const;

/**
 * Lines on standard error, so that standard output holds only what a person is told. Without a format: text on a terminal, JSON
 * elsewhere. Colours are for terminals only, and not where `NO_COLOR` is set (no-color.org).
 */
export function createLogger(component: string, verbosity: number, format?: LogFormat): Logger {
  const level = levels[Math.min(verbosity, levels.length - 1)] ?? 'warn';
  // Stack traces are for those who debug Reckon; others are told what went wrong.
  const error = (value: unknown): unknown =>
    value instanceof Error ? (level === 'debug' ? value.stack : value.message) : value;
  const isTerminal = isatty(2);
  const lines = pino.destination({ dest: 2, sync: true });
  const isColoured = isTerminal && (process.env['NO_COLOR'] ?? '') === '';
  const text = { write: (json: string) => lines.write(logText(json, { isColoured })) };
  const destination = (format ?? (isTerminal ? 'text' : 'json')) === 'text' ? text : lines;
  return bound(pino({ level, base: null, serializers: { error } }, destination), { component });
}

/** A field that is bound again takes the place of the first: a child of a child would write it twice. */
function bound(root: pino.Logger, fields: Readonly<Record<string, unknown>>): Logger {
  const log = root.child(fields);
  return {
    debug: (message, more) => {
      log.debug(more ?? {}, message);
    },
    info: (message, more) => {
      log.info(more ?? {}, message);
    },
    warn: (message, more) => {
      log.warn(more ?? {}, message);
    },
    error: (message, more) => {
      log.error(more ?? {}, message);
    },
    with: (more) => bound(root, { ...fields, ...more }),
  };
}
