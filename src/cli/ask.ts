/** What a command line asks for, once its arguments are read: a use case, and how to print its answer. */
import type { Command } from 'commander';
import type { Report } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import type { Flags } from '../engine/session.js';
import { outputOptions, type OutputOptions } from './output.js';

type UseCase = (world: World, flags: Flags) => Promise<Report>;

/** How a command of the tree hands over its use case. */
export type Ask = (command: Command, use: UseCase) => void;

/** Flags and output options that every command takes. */
export interface Common {
  readonly flags: Flags;
  readonly output: OutputOptions;
}

export interface Asked extends Common {
  readonly run: (world: World) => Promise<Report>;
}

/** @throws {Fault} USAGE for an unknown format */
export function askedOf(options: Readonly<Record<string, unknown>>, surroundings: World['surroundings'], use: UseCase): Asked {
  const common = commonOf(options, surroundings);
  return { ...common, run: (world) => use(world, common.flags) };
}

/** @throws {Fault} USAGE for an unknown format */
export function commonOf(options: Readonly<Record<string, unknown>>, surroundings: World['surroundings']): Common {
  return { flags: flagsOf(options, surroundings), output: outputOptions(options, surroundings) };
}

function flagsOf(options: Readonly<Record<string, unknown>>, surroundings: World['surroundings']): Flags {
  const manifest = options['manifest'] ?? surroundings.variable('AGENTCTL_MANIFEST');
  return {
    ...(typeof manifest === 'string' ? { manifest } : {}),
    ...(typeof options['store'] === 'string' ? { store: options['store'] } : {}),
    yes: options['yes'] === true,
    ...(options['passphraseStdin'] === true ? { passphraseStdin: true } : {}),
  };
}
