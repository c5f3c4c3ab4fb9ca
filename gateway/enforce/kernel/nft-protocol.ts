import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** What the engine asks of the nft child, and what the child answers: frames on standard input and output. */
export const NftRequest = Type.Union([
  Type.Object(
    {
      id: Type.Integer(),
      kind: Type.Union([Type.Literal('check'), Type.Literal('apply')]),
      json: Type.String(),
    },
    { additionalProperties: false },
  ),
  Type.Object({ id: Type.Integer(), kind: Type.Literal('generation') }, { additionalProperties: false }),
  Type.Object(
    { id: Type.Integer(), kind: Type.Literal('restore'), text: Type.String() },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      id: Type.Integer(),
      kind: Type.Literal('list'),
      command: Type.String(),
      form: Type.Union([Type.Literal('json'), Type.Literal('text')]),
    },
    { additionalProperties: false },
  ),
]);
export type NftRequest = Static<typeof NftRequest>;

/** `unusable` comes unasked, once, when the library cannot be loaded; the child then ends. */
export const NftAnswer = Type.Union([
  Type.Object(
    { kind: Type.Literal('done'), id: Type.Integer(), output: Type.String() },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('refused'), id: Type.Integer(), problem: Type.String() },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('unusable'), problem: Type.String() }, { additionalProperties: false }),
]);
export type NftAnswer = Static<typeof NftAnswer>;

const request = Compile(NftRequest);
const answer = Compile(NftAnswer);

/** Whether a received message is a request. */
export function isNftRequest(message: unknown): message is NftRequest {
  return request.Check(message);
}

/** Whether a received message is an answer. */
export function isNftAnswer(message: unknown): message is NftAnswer {
  return answer.Check(message);
}
