import * as z from 'zod';

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'] as const;
const modes = ['Never', 'IfAvailable', 'Always'] as const;

/** `client-go/tools/clientcmd/api/v1.ExecConfig`: a program that says who we are. */
export const execSchema = z.looseObject({
  command: z.string().optional(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.looseObject({ name: z.string().optional(), value: z.string().optional() })).nullish(),
  apiVersion: z.string().optional(),
  installHint: z.string().optional(),
  provideClusterInfo: z.boolean().optional(),
  interactiveMode: z.string().optional(),
});

export interface ExecConfig {
  /** Absolute, or a name that is looked for in PATH. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly apiVersion: (typeof versions)[number];
  /** For whoever has not got the program. */
  readonly installHint: string;
  readonly providesClusterInfo: boolean;
  readonly interactiveMode: (typeof modes)[number];
}

/** What is wrong with it, in clientcmd's words (`validateAuthInfo`); `user` is whose it is. */
export function readExecConfig(
  exec: z.infer<typeof execSchema>,
  user: string,
  refuse: (problem: string) => Error,
): ExecConfig {
  const { command = '', apiVersion = '', env, args, installHint = '', provideClusterInfo = false } = exec;
  const needs = (what: string): Error =>
    refuse(`${what} must be specified for ${user} to use exec authentication plugin`);
  if (command === '') throw needs('command');
  if (apiVersion === '') throw needs('apiVersion');
  const version = versions.find((known) => known === apiVersion);
  if (version === undefined) throw refuse(`exec plugin: invalid apiVersion ${JSON.stringify(apiVersion)}`);
  const variables = (env ?? []).map(({ name = '', value = '' }) => {
    if (name === '') throw needs('env variable name');
    return { name, value };
  });
  // v1 asks for it; before it was what it is now called.
  const given = exec.interactiveMode ?? (version.endsWith('/v1') ? '' : 'IfAvailable');
  if (given === '') throw needs('interactiveMode');
  const interactiveMode = modes.find((known) => known === given);
  if (interactiveMode === undefined) throw refuse(`invalid interactiveMode for ${user}: ${JSON.stringify(given)}`);
  return {
    command,
    args: args ?? [],
    env: variables,
    apiVersion: version,
    installHint,
    providesClusterInfo: provideClusterInfo,
    interactiveMode,
  };
}
