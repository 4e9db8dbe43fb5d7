#!/usr/bin/env node
import { processTerminal, programs } from '@reckon/compose/programs';

await programs['controller-manager'].run(process.argv.slice(2), processTerminal('controller-manager'));
