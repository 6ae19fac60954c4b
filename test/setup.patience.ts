// vi.waitFor with more patience.
import { vi } from 'vitest';

// the second that `waitFor` waits by itself is too short for a page on a busy machine
const { waitFor } = vi;
vi.waitFor = (check, options = 10_000) => waitFor(check, options);
