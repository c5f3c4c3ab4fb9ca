import Type from 'typebox';
import { type Reason, Reasons } from '../reason.ts';
import {
  FlowId,
  integer,
  list,
  Millis,
  Name,
  NameOrNone,
  Octet,
  oneOf,
  Protocol,
  Strict,
  TargetId,
  Text,
  Uint32,
  Word,
} from './schema-words.ts';

const Known = Type.Number();
const AskedRequest = Type.Object(
  {
    unit: Octet,
    functionCode: integer(1, 127),
    address: Type.Optional(Word),
    quantity: Type.Optional(Word),
    values: list(Known),
    readAddress: Type.Optional(Word),
    readQuantity: Type.Optional(Word),
    andMask: Type.Optional(Word),
    orMask: Type.Optional(Word),
    subFunction: Type.Optional(Word),
    mei: Type.Optional(Octet),
    file: Type.Optional(Word),
    record: Type.Optional(Word),
  },
  Strict,
);
/** A test of the policy, in a policy. */
export const PolicyTestRule = Type.Object(
  {
    name: Text,
    line: Uint32,
    client: Name,
    server: Name,
    protocol: Protocol,
    port: Word,
    request: Type.Optional(AskedRequest),
    given: Type.Object(
      {
        mode: Name,
        at: Type.Optional(Millis),
        session: NameOrNone,
        last: list(Type.Object({ address: Word, value: Known }, Strict)),
        read: list(Type.Object({ functionCode: integer(1, 4), address: Word, value: Known }, Strict)),
      },
      Strict,
    ),
    expect: oneOf('allow', 'deny'),
    by: Type.Union([FlowId, TargetId, Type.Literal('')]),
    because: oneOf('', ...(Object.keys(Reasons) as Reason[])),
  },
  Strict,
);
