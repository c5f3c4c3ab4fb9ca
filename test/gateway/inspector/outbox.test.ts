import { expect, test } from 'vitest';
import { createOutbox, type RecordMessage } from '../../../gateway/inspector/outbox.ts';

test('records go out at once while somebody takes them', () => {
  const { sent, outbox } = make();
  outbox.add(record(1));
  expect(ids(sent)).toEqual(['1']);
  expect(outbox.waiting()).toBe(0);
});

test('records wait in order, and those without a place are counted', () => {
  const { sent, outbox, engine } = make();
  engine.here = false;
  for (let id = 1; id <= 5; id += 1) outbox.add(record(id));
  expect(outbox.waiting()).toBe(3);
  expect(outbox.lost()).toBe(2);
  engine.here = true;
  outbox.flush();
  expect(ids(sent)).toEqual(['1', '2', '3']);
  expect(outbox.lost()).toBe(2);
});

test('a new record does not overtake those that wait', () => {
  const { sent, outbox, engine } = make();
  engine.here = false;
  outbox.add(record(1));
  engine.here = true;
  outbox.add(record(2));
  outbox.flush();
  expect(ids(sent)).toEqual(['1', '2']);
});

function make() {
  const sent: RecordMessage[] = [];
  const engine = { here: true };
  const outbox = createOutbox((message) => {
    if (engine.here) sent.push(message);
    return engine.here;
  }, 3);
  return { sent, engine, outbox };
}

function record(id: number): RecordMessage {
  return {
    kind: 'closed',
    connection: {
      id: String(id),
      flow: 1,
      flowId: 'C-1/F-1',
      conduit: 'C-1',
      client: { address: '10.10.0.10', port: 40000 },
      server: { address: '10.20.0.20', port: 502 },
      clientAsset: '',
      serverAsset: '',
      startedAt: 1,
      bytesFromClient: 0,
      bytesFromServer: 0,
      transactions: 0,
      refused: 0,
      responses: 0,
      wouldRefuse: 0,
      endedAt: 2,
      reason: 'client-closed',
    },
  };
}

function ids(sent: readonly RecordMessage[]): string[] {
  return sent.map((message) => (message.kind === 'closed' ? message.connection.id : ''));
}
