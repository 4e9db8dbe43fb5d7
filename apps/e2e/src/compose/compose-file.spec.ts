import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { reckonProgram } from '@reckon/testkit';
import { describe, expect, it } from 'vitest';
import { type ComposeService, mountsOf, portsOf, readComposeFile, readDockerfile, root } from './compose-file';

const file = readComposeFile();
const services = Object.entries(file.services);
const { stages } = readDockerfile();
const last = stages.at(-1) ?? [];
const instructions = (wanted: string, stage = last): string[] =>
  stage.flatMap(([instruction, rest]) => (instruction === wanted ? [rest] : []));

const isOurs = ({ build }: ComposeService): boolean => build !== undefined;

/** Folders that our image gives to its user. */
const ownedFolders = (
  /install --directory --owner=node --group=node --mode=700 ([^&]+) &&/.exec(instructions('RUN').join('\n'))?.[1] ?? ''
)
  .trim()
  .split(' ');

describe('docker-compose.yml', () => {
  it('uses our image, built from here, and that of NATS', () => {
    for (const [name, { build, image }] of services)
      expect([name, build, image]).toEqual(
        name === 'nats' ? ['nats', undefined, 'nats:2-alpine'] : [name, '.', 'reckon'],
      );
    expect(existsSync(join(root, 'Dockerfile'))).toBe(true);
  });

  it('mounts volumes that it declares, declares none that it does not mount, and depends on services that are there', () => {
    const mounted = services.flatMap(([, service]) => mountsOf(service).map(({ volume }) => volume));
    expect([...new Set(mounted)].sort()).toEqual(Object.keys(file.volumes).sort());
    for (const [name, { depends_on: dependencies }] of services)
      for (const [before, { condition }] of Object.entries(dependencies)) {
        const other = file.services[before];
        expect(other, `${name} depends on ${before}`).toBeDefined();
        expect(condition).toBe(other?.healthcheck === undefined ? 'service_completed_successfully' : 'service_healthy');
      }
  });

  it('runs nothing as root, without capabilities or a way to more', () => {
    expect(instructions('USER')).toEqual(['node']);
    for (const [name, service] of services) {
      expect([name, service.user]).toEqual([name, isOurs(service) ? undefined : '1000:1000']);
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
    }
  });

  it('writes only to volumes whose owner an image of ours has set', () => {
    // Docker gives a new volume the owner of the image's folder beneath it, when the first container with one is made.
    const isOwner = (name: string, volume: string): boolean => {
      const service = file.services[name]!;
      const mount = mountsOf(service).find((one) => one.volume === volume);
      if (isOurs(service) && mount !== undefined && ownedFolders.includes(mount.path)) return true;
      return Object.keys(service.depends_on).some((before) => isOwner(before, volume));
    };
    expect(ownedFolders).toEqual(['/data', '/credentials']);
    for (const [name, service] of services)
      for (const { volume, isReadOnly } of mountsOf(service))
        if (!isReadOnly) expect(isOwner(name, volume), `${name} writes to ${volume}`).toBe(true);
  });

  it('shows the data, with the key of the authority, to the apiserver and to who signs with it', () => {
    const readers = services.filter(([, service]) => mountsOf(service).some(({ volume }) => volume === 'data'));
    for (const [name, service] of readers) {
      if (name === 'apiserver') continue;
      expect(name).toMatch(/-credentials$/);
      expect(mountsOf(service).find(({ volume }) => volume === 'data')?.isReadOnly).toBe(true);
      expect(service.network_mode).toBe('none');
    }
    // And what one of them signed, to one agent.
    for (const [name, service] of services)
      if (/^(controller-manager|scheduler|kubelet-\d)$/.test(name))
        expect(service.volumes).toEqual([`${name}:/credentials:ro`]);
  });

  it('restarts what has a health check; what has none runs once', () => {
    for (const [name, { healthcheck, restart }] of services) {
      expect([name, restart]).toEqual([name, healthcheck === undefined ? 'no' : 'unless-stopped']);
      if (healthcheck === undefined) expect(name).toMatch(/-(credentials|volume)$/);
    }
  });

  it('asks for the health of the service that it belongs to', () => {
    for (const [, service] of services) {
      const url = new URL(service.healthcheck?.test.at(-1) ?? 'none:');
      if (service.healthcheck === undefined) continue;
      expect(url.hostname).toBe('127.0.0.1');
      expect(portsOf(service)).toContain(Number(url.port));
    }
  });

  it('publishes to this machine only, on the port that a kubeconfig names', () => {
    const published = services.flatMap(([name, { ports }]) => ports.map((port) => [name, port]));
    expect(published).toEqual([
      ['nats', '127.0.0.1:4222:4222'],
      ['apiserver', '127.0.0.1:6443:6443'],
    ]);
    for (const [name, port] of published) {
      const [, onHost, inside] = port?.split(':').map(Number) ?? [];
      expect(onHost).toBe(inside);
      expect(portsOf(file.services[name!]!)).toContain(inside);
    }
  });

  it('names other services only where it waits for them', () => {
    for (const [name, service] of services)
      for (const [, host = ''] of service.command.join(' ').matchAll(/\w+:\/\/([\w-]+):\d+/g)) {
        const waitsFor = (one: string): string[] =>
          Object.keys(file.services[one]!.depends_on).flatMap((before) => [before, ...waitsFor(before)]);
        expect(waitsFor(name), `${name} reaches ${host}`).toContain(host);
      }
  });
});

describe('Dockerfile', () => {
  it('copies what is there and what .dockerignore lets through', () => {
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').trim().split('\n');
    const [build = []] = stages;
    const sources = instructions('COPY', build).flatMap((rest) => rest.split(' ').slice(0, -1));
    expect(sources).toEqual(['package.json', 'package-lock.json', '.npmrc', '.']);
    for (const source of sources) {
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(ignored).not.toContain(source);
    }
    // What the bundle is made of, and nothing that is made here.
    const top = readdirSync(root).filter((name) => !ignored.includes(name));
    expect(top).toEqual(expect.arrayContaining(['apps', 'libs', 'tools', 'package.json', 'tsconfig.base.json']));
    for (const name of ['node_modules', 'dist', '.git', '.reckon']) expect(ignored).toContain(name);
    expect(instructions('COPY')).toEqual(['--from=build /app /app']);
  });

  it('is based on a Node that package.json takes, the same to build and to run', () => {
    const bases = stages.flatMap((stage) => instructions('FROM', stage)).map((from) => from.replace(/ AS \w+$/, ''));
    expect(new Set(bases).size).toBe(1);
    const major = Number(/^node:(\d+)-bookworm-slim$/.exec(bases[0] ?? '')?.[1]);
    const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { node: string } };
    const least = Number(/^>=(\d+)\.\d+$/.exec(engines.node)?.[1]);
    expect(major).toBeGreaterThan(least);
    expect(major % 2).toBe(0);
  });

  it('starts a file of the bundle, by which health checks find the CLI too', () => {
    const [entry] = instructions('ENTRYPOINT').map((text) => JSON.parse(text) as string[]);
    expect(entry).toEqual(['node', '/app/dist/reckon.mjs']);
    expect(existsSync(reckonProgram)).toBe(true);
    expect(instructions('RUN').join()).toContain('ln -s /app/dist/reckon.mjs /usr/local/bin/reckon');
    const [command] = instructions('CMD').map((text) => JSON.parse(text) as string[]);
    expect(command?.[0]).toBe('up');
    // What the bundle does not hold: the database driver, with what it loads.
    const build = instructions('RUN', stages[0]).join();
    const copied = /for name in ([\w -]+);/.exec(build)?.[1]?.split(' ') ?? [];
    const needs = (name: string): string[] => {
      const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
        dependencies?: Record<string, string>;
      };
      // It fetches a prebuilt binary at its installation, which is over.
      const own = Object.keys(manifest.dependencies ?? {}).filter((one) => one !== 'prebuild-install');
      return [name, ...own.flatMap(needs)];
    };
    expect(copied.sort()).toEqual(needs('better-sqlite3').sort());
  });
});
