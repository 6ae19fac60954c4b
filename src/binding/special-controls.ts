import { type Control, isSame, setValue } from './controls.js';

/** Its value is its files. */
export const file: Control = {
  read: ({ files, multiple }) => (multiple ? [...(files ?? [])] : (files?.[0] ?? null)),
  initial: ({ multiple }) => (multiple ? [] : null),
  write(field, value) {
    const files = [value].flat().filter((item) => item instanceof File);
    if (files.length === 0) setValue(field, '');
    else if (!isSame(files, [...(field.files ?? [])])) {
      const transfer = new DataTransfer();
      for (const item of files) transfer.items.add(item);
      field.files = transfer.files;
    }
  },
};

const trigger: Control = { read: () => false, write() {}, isTrigger: true };

/** Kinds that hold what can neither be written as text nor kept. */
export const specialKinds: Record<string, Control> = {
  file,
  submit: trigger,
  button: trigger,
  image: trigger,
  reset: trigger,
};
