#!/usr/bin/env node
import { processTerminal, programs } from '@reckon/compose/programs';

await programs.scheduler.run(process.argv.slice(2), processTerminal('scheduler'));
