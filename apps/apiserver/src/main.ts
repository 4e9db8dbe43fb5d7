#!/usr/bin/env node
import { processTerminal, programs } from '@reckon/compose/programs';

await programs.apiserver.run(process.argv.slice(2), processTerminal('apiserver'));
