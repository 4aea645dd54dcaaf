#!/usr/bin/env node
/** Doorbell: rings the program and passes on its exit code. */
import { main } from '../dist/main.js';

process.exitCode = await main(process.argv.slice(2));
