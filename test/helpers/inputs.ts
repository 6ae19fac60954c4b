/** How long a property test runs: `FUZZ=200000` for a long run (`VITE_FUZZ` where only the engines are to know). */
const { VITE_FUZZ } = import.meta.env as Record<string, string | undefined>;

/** Node or happy-dom and three engines: each of them reads other inputs. */
const environments = 4;

/** How many inputs a property gets. @param few - in an ordinary run, in all environments together */
export const inputs = (few: number): { numRuns: number } => ({
  numRuns: Number(VITE_FUZZ ?? Math.ceil(few / environments)),
});
