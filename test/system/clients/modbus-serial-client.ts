/**
 * modbus-serial as a client: every function it offers, from the smallest quantity to the largest, on every
 * data table, eight requests under way at once. Prints one line per answer of the first round and a digest
 * of all answers.
 *   modbus-serial-client.ts ADDRESS PORT ROUNDS [server-id] [identification] [files] [custom]
 * Rounds take units 1, 0 and 255 in turn; every tenth one begins with a new connection. The words add
 * functions only a server that speaks them answers.
 */
import modbus from 'modbus-serial';
import { createDraw, createTranscript } from './transcript.ts';

const [address = '', port = '', rounds = '', ...words] = process.argv.slice(2);
const Base = 7000;
const Bits = 65_536;
const Registers = 60_000;
const Units = [1, 0, 255] as const;
const Pipelined = 8;

/** What it has and its type declarations do not say. */
interface Undeclared {
  reportServerID(unused: number, either: number): Promise<unknown>;
  readFileRecords(file: number, record: number): Promise<unknown>;
  readWriteRegisters(
    from: number,
    count: number,
    to: number,
    length: number,
    values: number[],
  ): Promise<unknown>;
}
type Client = Omit<InstanceType<typeof modbus.default>, keyof Undeclared> & Undeclared;
type Call = readonly [name: string, call: (client: Client) => Promise<unknown>];

/**
 * What not every server has: libmodbus answers an unknown function by throwing away what else it was sent,
 * modbus-serial answers requests of two bytes not at all.
 */
const Special: Readonly<Record<string, readonly Call[]>> = {
  'server-id': [['fc17', (to) => to.reportServerID(0, 0)]],
  identification: [
    ['fc43/14', (to) => to.readDeviceIdentification(1, 0)],
    ['fc43/14 regular', (to) => to.readDeviceIdentification(2, 0)],
    ['fc43/14 one', (to) => to.readDeviceIdentification(4, 1)],
  ],
  files: [['fc20', (to) => to.readFileRecords(4, 1)]],
  custom: [['fc66', (to) => to.customFunction(66, [1, 2, 3])]],
};

const transcript = createTranscript();
let client: Client | undefined;
for (let round = 0; round < Number(rounds); round += 1) {
  if (round % 10 === 0) {
    client?.close();
    client = new modbus.default() as unknown as Client;
    client.setTimeout(10_000);
    await client.connectTCP(address, { port: Number(port) });
  }
  if (client === undefined) throw new Error('unreachable');
  client.setID(Units[round % 3] ?? 1);
  const calls = round === 0 ? boundaries() : mixture(round);
  for (let first = 0; first < calls.length; first += Pipelined) {
    const now = client;
    const answers = calls.slice(first, first + Pipelined).map(async ([name, call]) => {
      return `${name} ${await call(now).then(describe, describeFailure)}`;
    });
    for (const line of await Promise.all(answers)) transcript.say(line);
  }
  transcript.hush();
}
client?.close();
transcript.end();

function boundaries(): readonly Call[] {
  const draw = createDraw(0);
  const values = Array.from({ length: 125 }, () => draw(65_536));
  const states = Array.from({ length: 1968 }, () => draw(2) === 1);
  return [
    ['fc5 on', (to) => to.writeCoil(Base, true)],
    ['fc5 last', (to) => to.writeCoil(Bits - 1, true)],
    ['fc15 one', (to) => to.writeCoils(Base + 2, states.slice(0, 1))],
    ['fc15 most', (to) => to.writeCoils(Base + 3, states)],
    ['fc1 one', (to) => to.readCoils(Base, 1)],
    ['fc1 most', (to) => to.readCoils(Base, 2000)],
    ['fc1 last', (to) => to.readCoils(Bits - 2000, 2000)],
    ['fc2 one', (to) => to.readDiscreteInputs(0, 1)],
    ['fc2 most', (to) => to.readDiscreteInputs(13, 2000)],
    ['fc6', (to) => to.writeRegister(Base, 0xffff)],
    ['fc16 one', (to) => to.writeRegisters(Base + 1, values.slice(0, 1))],
    ['fc16 most', (to) => to.writeRegisters(Base + 2, values.slice(0, 123))],
    ['fc22', (to) => to.maskWriteRegister(Base + 3, 0x00f2, 0x0025)],
    ['fc23 one', (to) => to.readWriteRegisters(0, 1, Base + 4, 1, values.slice(0, 1))],
    ['fc23 most', (to) => to.readWriteRegisters(Base, 125, Base, 121, values.slice(0, 121))],
    ['fc3 one', (to) => to.readHoldingRegisters(Base, 1)],
    ['fc3 most', (to) => to.readHoldingRegisters(Base, 125)],
    ['fc4 one', (to) => to.readInputRegisters(0, 1)],
    ['fc4 most', (to) => to.readInputRegisters(7, 125)],
    ['beyond the table', (to) => to.readHoldingRegisters(Registers - 10, 20)],
    ['after an exception', (to) => to.readHoldingRegisters(Base, 4)],
    ['write beyond the table', (to) => to.writeRegister(Registers, 1)],
    ...words.flatMap((word) => Special[word] ?? []),
  ];
}

function mixture(round: number): readonly Call[] {
  const draw = createDraw(round);
  const values = Array.from({ length: 1 + draw(123) }, () => draw(65_536));
  const states = Array.from({ length: 1 + draw(1968) }, () => draw(2) === 1);
  const from = Base + draw(20);
  const far = draw(Registers - 2000);
  const count = 1 + draw(125);
  return [
    ['fc16', (to) => to.writeRegisters(from, values)],
    ['fc3', (to) => to.readHoldingRegisters(Base, count)],
    ['fc6', (to) => to.writeRegister(from, count)],
    ['fc4', (to) => to.readInputRegisters(far, count)],
    ['fc15', (to) => to.writeCoils(from, states)],
    ['fc1', (to) => to.readCoils(Base, 16 * count)],
    ['fc5', (to) => to.writeCoil(from, count % 2 === 0)],
    ['fc2', (to) => to.readDiscreteInputs(far, 16 * count)],
  ];
}

function describe(answer: unknown): string {
  return JSON.stringify(answer, (_, value) => (Buffer.isBuffer(value) ? value.toString('hex') : value));
}

/** Everything but an exception of the server ends the run. */
function describeFailure(error: Error & { modbusCode?: number }): string {
  if (error.modbusCode === undefined) throw error;
  return `exception ${error.modbusCode}`;
}
