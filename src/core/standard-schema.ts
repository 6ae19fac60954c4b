/** What of the Standard Schema interface (https://standardschema.dev) is used here; zod, valibot, arktype and others have it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly unknown[] };

/** What the schema makes of the value; `undefined` if it refuses; its promise if it is asynchronous. */
export function validate(schema: StandardSchema, value: unknown): unknown {
  const result = schema['~standard'].validate(value);
  if ('then' in result) return result;
  return result.issues ? undefined : result.value;
}
