import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

export const root = join(import.meta.dirname, '../../../..');

const duration = z.string().regex(/^(\d+(ms|s|m|h))+$/);
const volume = z.templateLiteral([z.string(), ':/', z.string()]);

/** The part of the Compose Specification that our file uses; no Compose is here to refuse a key that it does not know. */
const service = z.strictObject({
  build: z.string().optional(),
  image: z.string(),
  user: z.string().optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  network_mode: z.enum(['none']).optional(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).default([]),
  volumes: z.array(volume).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({ condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']) }),
    )
    .default({}),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD'), z.string()], z.string()),
      interval: duration,
      timeout: duration,
      retries: z.int().positive(),
      start_period: duration,
      start_interval: duration,
    })
    .optional(),
});

const composeFile = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

export type ComposeService = z.output<typeof service>;
export type ComposeFile = z.output<typeof composeFile>;

/** `docker-compose.yml`, with its anchors and merges resolved. */
export const readComposeFile = (): ComposeFile =>
  composeFile.parse(parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }));

export interface Mount {
  readonly volume: string;
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** `data:/data:ro` */
export const mountsOf = ({ volumes }: ComposeService): readonly Mount[] =>
  volumes.map((text) => {
    const [name = '', path = '', mode] = text.split(':');
    return { volume: name, path, isReadOnly: mode === 'ro' };
  });

/** Ports that a command listens on: `--secure-port=6443` is the only form of a number that our commands give. */
export const portsOf = ({ command }: ComposeService): readonly number[] =>
  command.flatMap((arg) => {
    const found = /^--[\w-]*port=(\d+)$/.exec(arg);
    return found === null ? [] : [Number(found[1])];
  });

/** What the last stage of the Dockerfile says, instruction by instruction; lines that go on are joined. */
export function readDockerfile(): { readonly stages: readonly (readonly (readonly [string, string])[])[] } {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: [string, string][][] = [];
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (instruction === 'FROM') stages.push([]);
    stages.at(-1)?.push([instruction, rest]);
  }
  return { stages };
}
