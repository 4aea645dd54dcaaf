/** How a command of the tree hands over its use case, once its arguments are read. */
import type { Command } from 'commander';
import type { Report } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import type { Flags } from '../engine/session.js';

export type Ask = (command: Command, use: (world: World, flags: Flags) => Promise<Report>) => void;
