/**
 * jsmodbus as a client: every function it offers, from the smallest quantity to the largest, on every data
 * table, queued eight at a time. Prints one line per answer of the first round and a digest of all answers.
 *   jsmodbus-client.ts ADDRESS PORT ROUNDS [identification]
 * Rounds take units 1, 0 and 255 in turn, each over a connection of its own, for ten rounds.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ModbusTCPClient, type UserRequestError } from 'jsmodbus';
import { createDraw, createTranscript } from './transcript.ts';

const [address = '', port = '', rounds = '', ...words] = process.argv.slice(2);
const Base = 9000;
const Bits = 65_536;
const Registers = 60_000;
const Units = [1, 0, 255] as const;
const Queued = 8;

type Call = readonly [name: string, call: (client: ModbusTCPClient) => Promise<unknown>];

const transcript = createTranscript();
for (let round = 0; round < Number(rounds); ) {
  const socket: Socket = connect({ host: address, port: Number(port) });
  const client = new ModbusTCPClient(socket, Units[(round / 10) % 3], 10_000);
  await once(socket, 'connect');
  do {
    await speak(client, round === 0 ? boundaries() : mixture(round));
    transcript.hush();
    round += 1;
  } while (round % 10 !== 0 && round < Number(rounds));
  socket.end();
  await once(socket, 'close');
}
transcript.end();

async function speak(client: ModbusTCPClient, calls: readonly Call[]): Promise<void> {
  for (let first = 0; first < calls.length; first += Queued) {
    const answers = calls.slice(first, first + Queued).map(async ([name, call]) => {
      return `${name} ${await call(client).then(describe, describeFailure)}`;
    });
    for (const line of await Promise.all(answers)) transcript.say(line);
  }
}

function boundaries(): readonly Call[] {
  const draw = createDraw(0);
  const values = Array.from({ length: 125 }, () => draw(65_536));
  const states = Array.from({ length: 1968 }, () => draw(2) === 1);
  return [
    ['fc5 on', (to) => to.writeSingleCoil(Base, true)],
    ['fc5 last', (to) => to.writeSingleCoil(Bits - 1, true)],
    ['fc15 one', (to) => to.writeMultipleCoils(Base + 2, states.slice(0, 1))],
    ['fc15 most', (to) => to.writeMultipleCoils(Base + 3, states)],
    // Padding that is not zero, as a caller leaves it who hands over whole bytes.
    ['fc15 bytes', (to) => to.writeMultipleCoils(Base + 3, Buffer.from([0xcd, 0xff]), 10)],
    ['fc1 one', (to) => to.readCoils(Base, 1)],
    ['fc1 most', (to) => to.readCoils(Base, 2000)],
    ['fc1 last', (to) => to.readCoils(Bits - 2000, 2000)],
    ['fc2 one', (to) => to.readDiscreteInputs(0, 1)],
    ['fc2 most', (to) => to.readDiscreteInputs(13, 2000)],
    ['fc6', (to) => to.writeSingleRegister(Base, 0xffff)],
    ['fc16 one', (to) => to.writeMultipleRegisters(Base + 1, values.slice(0, 1))],
    // With more than 120 registers it states an MBAP length that is too short (jsmodbus 5.0.0).
    ['fc16 most', (to) => to.writeMultipleRegisters(Base + 2, values.slice(0, 120))],
    ['fc16 bytes', (to) => to.writeMultipleRegisters(Base + 200, Buffer.from('deadbeef', 'hex'))],
    ['fc3 one', (to) => to.readHoldingRegisters(Base, 1)],
    ['fc3 most', (to) => to.readHoldingRegisters(Base, 125)],
    ['fc4 one', (to) => to.readInputRegisters(0, 1)],
    ['fc4 most', (to) => to.readInputRegisters(7, 125)],
    ...(words.includes('identification') ? identification() : []),
    ['beyond the table', (to) => to.readHoldingRegisters(Registers - 10, 20)],
    ['after an exception', (to) => to.readHoldingRegisters(Base, 4)],
    ['write beyond the table', (to) => to.writeSingleRegister(Registers, 1)],
  ];
}

/** libmodbus as a server answers an unknown function by throwing away what else it was sent. */
function identification(): readonly Call[] {
  return [
    ['fc43/14', (to) => to.readDeviceIdentification()],
    ['fc43/14 one', (to) => to.readDeviceIdentification(4, 1)],
  ];
}

function mixture(round: number): readonly Call[] {
  const draw = createDraw(round);
  const values = Array.from({ length: 1 + draw(120) }, () => draw(65_536));
  const states = Array.from({ length: 1 + draw(1968) }, () => draw(2) === 1);
  const from = Base + draw(20);
  const far = draw(Registers - 2000);
  const count = 1 + draw(125);
  return [
    ['fc16', (to) => to.writeMultipleRegisters(from, values)],
    ['fc3', (to) => to.readHoldingRegisters(Base, count)],
    ['fc6', (to) => to.writeSingleRegister(from, count)],
    ['fc4', (to) => to.readInputRegisters(far, count)],
    ['fc15', (to) => to.writeMultipleCoils(from, states)],
    ['fc1', (to) => to.readCoils(Base, 16 * count)],
    ['fc5', (to) => to.writeSingleCoil(from, count % 2 === 0)],
    ['fc2', (to) => to.readDiscreteInputs(far, 16 * count)],
  ];
}

function describe(answer: unknown): string {
  const { response } = answer as { response: { unitId: number; body: { createPayload(): Buffer } } };
  return `${response.unitId} ${response.body.createPayload().toString('hex')}`;
}

/** Everything but an exception of the server ends the run. */
function describeFailure(
  error: UserRequestError<never, never> & { err?: string; response?: unknown },
): string {
  const body = (error.response as { body?: { fc: number; code: number } } | undefined)?.body;
  if (body === undefined) throw new Error(`${error.err}: ${(error as { message?: string }).message}`);
  return `exception ${body.fc} ${body.code}`;
}
