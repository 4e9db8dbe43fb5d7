import { describe, expect, it } from 'vitest';
import { apiserverFlags } from './apiserver-flags';
import { controllerManagerFlags } from './controller-manager-flags';
import { featureGates } from './feature-gates';
import { bool, choice, duration, durationMs, list, map, port, portRange, text } from './flag';
import { flagHelp } from './flag-help';
import type { FlagTable } from './flag-table';
import { kubeletFlags } from './kubelet-flags';
import { idleNames, parseFlags } from './parse-flags';
import { schedulerFlags } from './scheduler-flags';
import { globalFlags, logFlags } from './shared-flags';

const sections = {
  One: {
    'secure-port': port('a port', 6443),
    'leader-elect': bool('a switch', true),
    'retry-period': duration('a time', '2s'),
    modes: list('some', ['a']),
    labels: map('pairs'),
    nodes: portRange('a range', { from: 1, to: 2 }),
    kind: choice('one of two', ['x', 'y'], 'x'),
    name: text('a text'),
  },
  Logs: logFlags,
  Global: globalFlags,
};
const table: FlagTable<typeof sections> = {
  program: 'kube-test',
  about: 'A test.',
  sections,
  idle: [
    { section: 'Etcd', names: 'etcd-servers etcd-quick?', because: 'the log replaces etcd' },
    { section: 'One', names: 'profiling?' },
  ],
};

const parsed = (...args: readonly string[]) => parseFlags(table, args);

describe('a command line', () => {
  it('that is empty gives every default', () => {
    expect(parsed()).toEqual({
      values: {
        'secure-port': 6443,
        'leader-elect': true,
        'retry-period': 2_000,
        modes: ['a'],
        labels: {},
        nodes: { from: 1, to: 2 },
        kind: 'x',
        name: '',
        v: 0,
        help: false,
        version: false,
      },
      given: new Set(),
      warnings: [],
    });
  });

  it.each([
    [['--secure-port=1'], { 'secure-port': 1 }],
    [['--secure-port', '0'], { 'secure-port': 0 }],
    [['--secure_port=1'], { 'secure-port': 1 }],
    [['--leader-elect=false'], { 'leader-elect': false }],
    [['--leader-elect=F', '--leader-elect'], { 'leader-elect': true }],
    [['--retry-period', '1m30.5s'], { 'retry-period': 90_500 }],
    [['--modes=b,c', '--modes', 'd,'], { modes: ['b', 'c', 'd'] }],
    [['--labels=a=1,b=x=y', '--labels', 'c='], { labels: { a: '1', b: 'x=y', c: '' } }],
    [['--nodes', '30000-32767'], { nodes: { from: 30_000, to: 32_767 } }],
    [['--kind=y'], { kind: 'y' }],
    [['--name=--other'], { name: '--other' }],
    [['--name', '--leader-elect=false'], { name: '--leader-elect=false', 'leader-elect': true }],
    [['-v2'], { v: 2 }],
    [['-v', '3'], { v: 3 }],
    [['-v=4', '--'], { v: 4 }],
    [['--v=5'], { v: 5 }],
    [['-h'], { help: true }],
  ])('%j is read as pflag reads it', (args, values) => {
    expect(parsed(...args).values).toMatchObject(values);
  });

  it('says which flags were given, so that they win over a file', () => {
    expect([...parsed('--name', '', '--leader_elect').given]).toEqual(['name', 'leader-elect']);
  });

  it('takes flags without effect, once each, with a reason', () => {
    expect(parsed('--etcd-servers=a', '--etcd-servers', 'b', '--etcd-quick', '--profiling', '--name=x')).toMatchObject({
      values: { name: 'x' },
      warnings: [
        '--etcd-servers: the log replaces etcd',
        '--etcd-quick: the log replaces etcd',
        '--profiling: it has no effect here',
      ],
    });
  });

  it.each([
    [['--secure-prt', '1'], 'unknown flag: --secure-prt', 'did you mean --secure-port? --help lists the flags'],
    [['--etcd-server=x'], 'unknown flag: --etcd-server', 'did you mean --etcd-servers? --help lists the flags'],
    [['--naem=x'], 'unknown flag: --naem', 'did you mean --name? --help lists the flags'],
    [['--anything-else'], 'unknown flag: --anything-else', '--help lists the flags'],
    [['-x'], 'unknown flag: -x', '--help lists the flags'],
    [['--constructor=1'], 'unknown flag: --constructor', '--help lists the flags'],
    [['--name'], 'flag needs an argument: --name', '--help lists the flags'],
    [['-v'], 'flag needs an argument: -v', '--help lists the flags'],
    [['--etcd-servers'], 'flag needs an argument: --etcd-servers', '--help lists the flags'],
    [['up'], 'kube-test takes no arguments, but was given up', '--help lists the flags'],
    [['-'], 'kube-test takes no arguments, but was given -', '--help lists the flags'],
    [['--leader-elect', 'false'], 'kube-test takes no arguments, but was given false', '--help lists the flags'],
    [
      ['--secure-port=65536'],
      'invalid argument "65536" for --secure-port: must be a whole number from 0 to 65535',
      '--help lists the flags',
    ],
    [
      ['--leader-elect=yes'],
      'invalid argument "yes" for --leader-elect: must be true or false',
      '--help lists the flags',
    ],
    [
      ['--retry-period=5'],
      'invalid argument "5" for --retry-period: must be a duration such as 15s, 1m30s or 100ms',
      '--help lists the flags',
    ],
    [['--labels=a'], 'invalid argument "a" for --labels: a must be formatted as key=value', '--help lists the flags'],
    [['--nodes=2-1'], 'invalid argument "2-1" for --nodes: must be like 30000-32767', '--help lists the flags'],
    [['--kind=z'], 'invalid argument "z" for --kind: must be one of x, y', '--help lists the flags'],
  ])('%j is refused by name', (args, message, hint) => {
    expect(() => parsed(...args)).toThrow(expect.objectContaining({ code: 'Option', message, hint }));
  });
});

it.each([
  ['0', 0],
  ['1h', 3_600_000],
  ['1h1m1s1ms', 3_661_001],
  ['1.5s', 1_500],
  ['250us', 0.25],
])('the duration %s is %d ms', (written, ms) => {
  expect(durationMs(written)).toBe(ms);
});

describe('flags that are refused', () => {
  const refusing: FlagTable = {
    ...table,
    refused: [{ section: 'One', names: 'old older', because: 'it is gone', hint: 'use --name' }],
  };
  it('are named with the reason, and listed in the help', () => {
    expect(() => parseFlags(refusing, ['--older=x'])).toThrow(
      expect.objectContaining({ code: 'Option', message: '--older: it is gone', hint: 'use --name' }),
    );
    expect(flagHelp(refusing, 'reckon test')).toContain('Refused (it is gone; use --name):\n        --old --older\n');
  });
});

describe('feature gates', () => {
  const gated = { ...table, sections: { Features: { 'feature-gates': featureGates } } };
  const of = (...args: readonly string[]) =>
    parseFlags(
      gated,
      args.map((arg) => `--feature-gates=${arg}`),
    );

  it('add up, and are told of where they ask for what is not here', () => {
    const { values, warnings } = of(
      'WatchList=true,GangScheduling=True',
      'kube:OpenAPIEnums=0',
      'Dancing=true,WatchListClient=1',
    );
    expect(values['feature-gates']).toEqual({
      WatchList: true,
      GangScheduling: true,
      OpenAPIEnums: false,
      Dancing: true,
      WatchListClient: true,
    });
    expect(warnings).toEqual([
      '--feature-gates: GangScheduling is off here, and stays so',
      '--feature-gates: OpenAPIEnums is on here, and stays so',
      '--feature-gates: Dancing is no alpha or beta feature of v1.36; it has no effect',
    ]);
  });

  it.each([
    ['WatchList', 'missing bool value for WatchList'],
    ['WatchList=maybe', 'invalid value of WatchList=maybe: it must be true or false'],
  ])('%s is refused', (text, message) => {
    expect(() => of(text)).toThrow(message);
  });
});

describe('the help', () => {
  it('shows flags by section, each with its default, and those without effect apart', () => {
    expect(flagHelp(table, 'reckon test')).toBe(`A test.

Usage:
  reckon test [flags]

One flags:

      --kind x|y (default "x")
        one of two
      --labels mapStringString
        pairs
      --leader-elect (default true)
        a switch
      --modes strings (default [a])
        some
      --name string
        a text
      --nodes from-to (default 1-2)
        a range
      --retry-period duration (default 2s)
        a time
      --secure-port int (default 6443)
        a port
      Taken without effect:
        --profiling

Logs flags:

      --logging-format text|json
        what log lines are; default: text on a terminal, json elsewhere
  -v, --v int (default 0)
        log level: 0 warnings, 1 information, 2 and more everything, from 3 on a line for each request to the apiserver

Global flags:

  -h, --help
        show this text
      --version
        print the version and end

Etcd flags:

      Taken without effect (the log replaces etcd):
        --etcd-servers --etcd-quick
`);
  });
});

describe.each([apiserverFlags, controllerManagerFlags, schedulerFlags, kubeletFlags] as readonly FlagTable[])(
  'the flags of $program',
  ({ sections: own, idle }) => {
    it('have each name once', () => {
      const names = [
        ...Object.values(own).flatMap((flags) => Object.keys(flags)),
        ...idle.flatMap(({ names: more }) => idleNames(more).map(({ name }) => name)),
      ];
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    });

    it('are written in small letters', () => {
      for (const { names } of idle) for (const { name } of idleNames(names)) expect(name).toMatch(/^[a-z0-9-]+$/);
    });
  },
);
