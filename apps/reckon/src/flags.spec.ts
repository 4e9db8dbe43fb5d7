import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { checkCommand } from './check-command';
import { upCommand } from './up-command';

/** What a person is told of these arguments; '' when they are accepted (the command itself is not run). */
function refusal(command: Command, args: readonly string[]): string {
  let told = '';
  command.exitOverride().configureOutput({ writeErr: (text) => (told += text) });
  try {
    command.action(() => undefined).parse([...args], { from: 'user' });
    return '';
  } catch {
    return told;
  }
}

describe('the flags of up', () => {
  it.each([
    [['--port', 'http'], "option '--port <n>' argument 'http' is invalid. must be a whole number from 0 to 65535."],
    [['--port', '65536'], 'must be a whole number from 0 to 65535.'],
    [['--port', '-1'], 'must be a whole number from 0 to 65535.'],
    [['--port', '1e3'], 'must be a whole number from 0 to 65535.'],
    [['--nodes', '5001'], "option '--nodes <n>' argument '5001' is invalid. must be a whole number from 0 to 5000."],
    [['--nodes', ''], "option '--nodes <n>' argument '' is invalid."],
    [
      ['--anonymous-auth', 'yes'],
      "option '--anonymous-auth <boolean>' argument 'yes' is invalid. must be true or false.",
    ],
    [['--service-node-port-range', '40000-30000'], 'must be like 30000-32767.'],
    [['--service-node-port-range', '30000'], 'must be like 30000-32767.'],
    [
      ['--service-account-token-secrets', 'never'],
      "argument 'never' is invalid. Allowed choices are always, on-request.",
    ],
    [['--verbosity', '11'], "option '-v, --verbosity <n>' argument '11' is invalid."],
    [['--prot', '1'], "unknown option '--prot'"],
    [['--port'], "option '--port <n>' argument missing"],
    [['now'], 'too many arguments'],
  ])('%j are refused by name', (args, text) => {
    expect(refusal(upCommand(), args)).toContain(text);
  });

  it('have values for a person who gives none', () => {
    const command = upCommand();
    expect(refusal(command, [])).toBe('');
    expect(command.opts()).toEqual({
      dataDir: '.reckon',
      bindAddress: '127.0.0.1',
      port: 6443,
      nodes: 2,
      serviceClusterIpRange: '10.96.0.0/12',
      serviceNodePortRange: { from: 30_000, to: 32_767 },
      serviceAccountTokenSecrets: 'always',
      anonymousAuth: true,
      verbosity: 0,
    });
  });

  it('are read', () => {
    const command = upCommand();
    const flags =
      '--port 0 --nodes 5000 --anonymous-auth false --service-node-port-range 1-65535 --enable-admission-plugins A,,B -v 2 ' +
      '--service-account-signing-key-file sa.key --service-account-key-file old.pub,older.pub';
    expect(refusal(command, flags.split(' '))).toBe('');
    expect(command.opts()).toMatchObject({
      port: 0,
      nodes: 5_000,
      anonymousAuth: false,
      serviceNodePortRange: { from: 1, to: 65_535 },
      enableAdmissionPlugins: ['A', 'B'],
      serviceAccountSigningKeyFile: 'sa.key',
      serviceAccountKeyFile: ['old.pub', 'older.pub'],
      verbosity: 2,
    });
  });
});

describe('the flags of check', () => {
  it('are refused by name', () => {
    expect(refusal(checkCommand(), ['--dir', 'x'])).toContain("unknown option '--dir'");
  });
});
