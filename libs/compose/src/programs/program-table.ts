import { apiserverFlags } from '../flags/apiserver-flags';
import { controllerManagerFlags } from '../flags/controller-manager-flags';
import { kubeletFlags } from '../flags/kubelet-flags';
import { schedulerFlags } from '../flags/scheduler-flags';
import { runProgram } from './run-program';
import type { Terminal } from './terminal';

/** An apiserver that is away would hold an agent up. */
const agentStopMs = 5_000;

/** The programs of a cluster by the names of their commands. Each loads only its own code. */
export const programs = {
  apiserver: {
    about: apiserverFlags.about,
    run: (args: readonly string[], terminal: Terminal) =>
      runProgram(
        {
          table: apiserverFlags,
          // Answers in flight have ten seconds of it.
          stopMs: 20_000,
          moreStopMs: (flags) => flags['shutdown-delay-duration'] + flags['shutdown-watch-termination-grace-period'],
          start: async (run) => (await import('./start-apiserver')).startApiserver(run),
        },
        args,
        terminal,
      ),
  },
  'controller-manager': {
    about: controllerManagerFlags.about,
    run: (args: readonly string[], terminal: Terminal) =>
      runProgram(
        {
          table: controllerManagerFlags,
          stopMs: agentStopMs,
          start: async (run) => (await import('./start-controller-manager')).startControllerManager(run),
        },
        args,
        terminal,
      ),
  },
  scheduler: {
    about: schedulerFlags.about,
    run: (args: readonly string[], terminal: Terminal) =>
      runProgram(
        {
          table: schedulerFlags,
          stopMs: agentStopMs,
          start: async (run) => (await import('./start-scheduler')).startSchedulerProgram(run),
        },
        args,
        terminal,
      ),
  },
  kubelet: {
    about: kubeletFlags.about,
    run: (args: readonly string[], terminal: Terminal) =>
      runProgram(
        {
          table: kubeletFlags,
          stopMs: agentStopMs,
          start: async (run) => (await import('./start-kubelet-program')).startKubeletProgram(run),
        },
        args,
        terminal,
      ),
  },
} as const;

export type ProgramName = keyof typeof programs;
