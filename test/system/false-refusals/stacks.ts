import { Python } from '../../groups.ts';
import { client } from '../bench.ts';

/*
 * To add a stack, describe it here. A client prints its answers, the same in every run against a server that
 * nobody has written to yet, and `requests N` at the end; it keeps to addresses of its own, because all of
 * them also speak at once.
 */

/** A server under test. Its words say what it speaks beyond function codes 1 to 6, 15 and 16. */
export interface ServerStack {
  readonly name: string;
  readonly command: (programs: Programs, address: string, port: number) => readonly string[];
  readonly words: readonly string[];
  /** The clients that take its answers in whatever order they come; empty for all clients. */
  readonly clients: readonly string[];
}

/** A client under test: commands to be run one after the other. */
export interface ClientStack {
  readonly name: string;
  readonly commands: (
    programs: Programs,
    address: string,
    port: number,
    words: readonly string[],
    rounds: number,
  ) => readonly (readonly string[])[];
}

/** Paths of the compiled programs. */
export interface Programs {
  readonly libmodbusClient: string;
  readonly libmodbusServer: string;
}

const Node = process.execPath;

export const Servers: readonly ServerStack[] = [
  {
    name: 'libmodbus',
    command: ({ libmodbusServer }, address, port) => [libmodbusServer, address, `${port}`, 'quiet'],
    words: ['server-id', 'masks'],
    clients: [],
  },
  {
    name: 'pymodbus',
    command: (_, address, port) => [Python, client('pymodbus_server.py'), address, `${port}`],
    // It takes an ADU that arrives in two segments for two broken ones.
    words: ['server-id', 'masks', 'identification', 'diagnostics', 'uncut'],
    clients: [],
  },
  {
    name: 'modbus-serial',
    command: (_, address, port) => [Node, client('modbus-serial-server.ts'), address, `${port}`],
    words: ['identification'],
    clients: [],
  },
  {
    name: 'a server of every function',
    command: (_, address, port) => [Node, client('whole-server.ts'), address, `${port}`],
    words: ['server-id', 'masks', 'identification', 'diagnostics', 'files', 'custom', 'whole'],
    clients: [],
  },
  {
    name: 'a server that answers in another order',
    command: (_, address, port) => [Node, client('whole-server.ts'), address, `${port}`, 'shuffled'],
    words: ['masks', 'whole', 'shuffled'],
    clients: ['modbus-serial', 'pymodbus, asynchronous', 'a pipelining client'],
  },
];

/** `rounds` sizes a run: about eight requests a round, and eight times as many of the pipelining client. */
export const Clients: readonly ClientStack[] = [
  {
    name: 'libmodbus',
    commands: ({ libmodbusClient }, address, port, words, rounds) => [
      [libmodbusClient, address, `${port}`, `${rounds}`, ...words],
    ],
  },
  {
    name: 'pymodbus',
    commands: (_, address, port, words, rounds) => [
      [Python, client('pymodbus_client.py'), 'sync', address, `${port}`, `${rounds}`, ...words],
    ],
  },
  {
    name: 'pymodbus, asynchronous',
    commands: (_, address, port, words, rounds) => [
      [Python, client('pymodbus_client.py'), 'async', address, `${port}`, `${rounds}`, ...words],
    ],
  },
  {
    name: 'modbus-serial',
    commands: (_, address, port, words, rounds) => [
      [Node, client('modbus-serial-client.ts'), address, `${port}`, `${rounds}`, ...words],
    ],
  },
  {
    name: 'jsmodbus',
    commands: (_, address, port, words, rounds) => [
      [Node, client('jsmodbus-client.ts'), address, `${port}`, `${rounds}`, ...words],
    ],
  },
  {
    name: 'a pipelining client',
    commands: (_, address, port, words, rounds) => [
      [Node, client('pipelining-client.ts'), address, `${port}`, `${rounds * 64}`, '16', ...words],
    ],
  },
  { name: 'mbpoll', commands: (_, address, port) => mbpoll(address, port) },
];

/** Every table, every form of a value, reading and writing, and the units its users give it. */
function mbpoll(address: string, port: number): readonly (readonly string[])[] {
  const call = (unit: number, options: readonly string[], values: readonly string[] = []) => [
    'mbpoll',
    ...['-m', 'tcp', '-p', `${port}`, '-a', `${unit}`, '-0', '-1'],
    ...options,
    address,
    ...values,
  ];
  return [
    call(1, ['-t', '4', '-r', '15000'], ['77']),
    call(1, ['-t', '4', '-r', '15001'], ['1', '2', '3']),
    call(1, ['-t', '4:int', '-r', '15010'], ['123456']),
    call(1, ['-t', '4:float', '-B', '-r', '15012'], ['3.25', '1.5']),
    call(1, ['-t', '0', '-r', '15000'], ['1']),
    call(1, ['-t', '0', '-r', '15001'], ['1', '0', '1']),
    call(255, ['-t', '0', '-r', '15000', '-c', '125']),
    call(255, ['-t', '1', '-r', '0', '-c', '13']),
    call(255, ['-t', '3', '-r', '7', '-c', '125']),
    call(1, ['-t', '3:hex', '-r', '0', '-c', '1']),
    call(1, ['-t', '4', '-r', '15000', '-c', '125']),
    call(1, ['-t', '4:hex', '-r', '15000', '-c', '20']),
    call(0, ['-t', '4:int', '-r', '15010', '-c', '1']),
    call(1, ['-t', '4:float', '-B', '-r', '15012', '-c', '2']),
    call(1, ['-t', '4', '-r', '59990', '-c', '20']),
  ];
}
