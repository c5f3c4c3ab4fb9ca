#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { GatewayError } from '../errors.ts';
import { GatewayRelease } from '../release.ts';
import { apply } from './apply.ts';
import { check } from './check.ts';
import { compileModel } from './compile.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { showEvidence } from './evidence.ts';
import { init } from './init.ts';
import { keygen } from './keygen.ts';
import { run } from './run.ts';
import { show } from './show.ts';
import { status } from './status.ts';

/** Exit status of every command: 0 good, 1 findings or refusal, 2 usage, 3 system error. */
const program = new Command('penstock')
  .description('Conduit policy enforcement gateway between IEC 62443 zones')
  .version(GatewayRelease)
  .exitOverride()
  .showHelpAfterError('(penstock --help lists the commands)');

const Config = ['--config <file>', 'gateway.yaml of this box', '/etc/penstock/gateway.yaml'] as const;
const Json = ['--json', 'print JSON'] as const;
