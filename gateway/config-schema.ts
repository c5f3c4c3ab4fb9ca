import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

const strict = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });

/** One explicit listener of the proxy back end: whoever connects here is the asset named in `as`. */
const ListenerSchema = Type.Object(
  {
    as: Text,
    to: Text,
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    listen: Text,
    server: Type.Optional(Text),
  },
  strict,
);

/** One serial port of the box, by the name that the zone model calls it. */
const SerialPortSchema = Type.Object({ tty: Text }, strict);

/** Proxy back end only: where a vendor's target really is. */
const VendorTargetSchema = Type.Object(
  { asset: Text, port: Type.Integer({ minimum: 1, maximum: 65535 }), server: Text },
  strict,
);

/** A DNS name with at least two labels, lower case, not an address: what browsers bind passkeys to. */
const HostName = Type.String({
  maxLength: 253,
  pattern:
    '^(?=.*[a-z][a-z0-9-]*$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
});

/** Some lines of text, without what could rewrite a terminal or a page. */
const Banner = Type.String({
  maxLength: 2000,
  pattern: '^[^\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069]*$',
});

/** A line of a GPIO chip, as hardware/gpio/wiring.ts has it. */
const Line = {
  chip: Text,
  line: Type.Union([Type.Integer({ minimum: 0, maximum: 65_535 }), Text]),
  active: Type.Enum(['high', 'low']),
};
const OutputSchema = Type.Object(Line, strict);
const KeySwitchSchema = Type.Object(
  {
    ...Line,
    bias: Type.Enum(['pull-up', 'pull-down', 'external']),
    debounce: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  },
  strict,
);

const ListenSchema = Type.Object({ listen: Text }, strict);

const ConfigSchema = Type.Object(
  {
    back_end: Type.Enum(['kernel', 'proxy']),
    site: Text,
    gateway: Text,
    name: Type.Optional(HostName),
    banner: Type.Optional(Banner),
    trusted_keys: Type.Array(Text, { minItems: 1 }),
    signatures: Type.Optional(Type.Integer({ minimum: 1, maximum: 8 })),
    clock: Type.Optional(Type.Enum(['ntp', 'by-hand'])),
    drift: Type.Optional(Type.Enum(['repair', 'report'])),
    bundle: Type.Optional(Text),
    state: Text,
    run: Text,
    inspectors: Type.Optional(Type.Integer({ minimum: 1, maximum: 4 })),
    data_path: Type.Optional(Type.Enum(['auto', 'epoll', 'streams'])),
    page: Type.Object(
      { listen: Text, tls: Type.Optional(Type.Object({ cert: Text, key: Text }, strict)) },
      strict,
    ),
    metrics: Type.Object({ listen: Text }, strict),
    listeners: Type.Optional(Type.Array(ListenerSchema)),
    serial: Type.Optional(Type.Record(Text, SerialPortSchema)),
    vendor: Type.Optional(
      Type.Object(
        {
          tls: Type.Optional(ListenSchema),
          ssh: Type.Optional(ListenSchema),
          request_minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
          factor_hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 24 })),
          key_switch: Type.Optional(Type.Enum(['required', 'none'])),
          targets: Type.Optional(Type.Array(VendorTargetSchema)),
        },
        strict,
      ),
    ),
    board: Type.Optional(
      Type.Object(
        {
          key_switch: Type.Optional(KeySwitchSchema),
          lamp: Type.Optional(OutputSchema),
          relay: Type.Optional(OutputSchema),
        },
        strict,
      ),
    ),
    evidence: Type.Optional(
      Type.Object(
        {
          max_bytes: Type.Optional(Type.Integer({ minimum: 1_048_576 })),
          recordings_bytes: Type.Optional(Type.Integer({ minimum: 16_777_216 })),
          keep_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
          witnesses: Type.Optional(Type.Array(Text, { maxItems: 16 })),
        },
        strict,
      ),
    ),
    syslog: Type.Optional(
      Type.Object(
        {
          to: Text,
          name: Type.Optional(Text),
          ca: Text,
          cert: Type.Optional(Text),
          key: Type.Optional(Text),
        },
        strict,
      ),
    ),
    users: Type.Optional(
      Type.Object({ engine: Text, inspector: Text, front: Text, syslog: Type.Optional(Text) }, strict),
    ),
  },
  strict,
);

/** The keys of `gateway.yaml` as they are written there. */
export type RawConfig = Static<typeof ConfigSchema>;

/** Whether a value has the form of `gateway.yaml`; else one sentence that names the first wrong key. */
export function checkRawConfig(
  value: unknown,
): { readonly ok: true; readonly value: RawConfig } | { readonly ok: false; readonly problem: string } {
  if (validator.Check(value)) return { ok: true, value };
  const [first] = validator.Errors(value);
  return { ok: false, problem: first === undefined ? 'it has another form.' : sentence(first) };
}

interface SchemaError {
  readonly keyword: string;
  /** `/listeners/0/port` */
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

function sentence({ keyword, instancePath, params, message }: SchemaError): string {
  const key = instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'boolean') return `the key ${key} is not known here.`;
  if (key === '' && keyword === 'type') return 'it must be keys with values.';
  if (keyword === 'required') return `${listed(params, 'requiredProperties', key)} must be given.`;
  if (keyword === 'enum') return `${key} must be one of ${listed(params, 'allowedValues')}.`;
  if (keyword === 'minItems' || keyword === 'minLength') return `${key} must not be empty.`;
  return `${key} ${message}.`;
}

/** The words of a parameter of the error, each below `parent`. */
function listed(params: object, name: string, parent = ''): string {
  const words: unknown = Reflect.get(params, name);
  const prefix = parent === '' ? '' : `${parent}.`;
  return Array.isArray(words) ? words.map((word) => `${prefix}${String(word)}`).join(', ') : prefix;
}

const validator = Compile(ConfigSchema);
