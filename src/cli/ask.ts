/** What a command line asks for, once its arguments are read: a use case, and how to print its answer. */
import type { Command } from 'commander';
import type { Report } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import type { Reading } from '../engine/kept-status.js';
import type { Flags } from '../engine/session.js';
import { outputOptions, type OutputOptions } from './output.js';

type UseCase = (world: World, flags: Flags) => Promise<Report>;
/** Answers from what was kept; undefined when the use case has to do it. */
type Shortcut = (world: Reading, flags: Flags) => Promise<Report | undefined>;

/** How a command of the tree hands over its use case. */
export type Ask = (command: Command, use: UseCase, shortcut?: Shortcut) => void;

export interface Asked {
  readonly output: OutputOptions;
  readonly run: (world: World) => Promise<Report>;
  readonly shortcut: ((world: Reading) => Promise<Report | undefined>) | undefined;
}

/** @throws {Fault} USAGE for an unknown format */
export function askedOf(options: Readonly<Record<string, unknown>>, surroundings: World['surroundings'], use: UseCase, shortcut?: Shortcut): Asked {
  const flags = flagsOf(options, surroundings);
  return { output: outputOptions(options, surroundings), run: (world) => use(world, flags), shortcut: shortcut && ((world) => shortcut(world, flags)) };
}

function flagsOf(options: Readonly<Record<string, unknown>>, surroundings: World['surroundings']): Flags {
  const manifest = options['manifest'] ?? surroundings.variable('AGENTCTL_MANIFEST');
  return {
    ...(typeof manifest === 'string' ? { manifest } : {}),
    ...(typeof options['store'] === 'string' ? { store: options['store'] } : {}),
    yes: options['yes'] === true,
  };
}
