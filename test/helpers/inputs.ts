/** How long a property test runs: `FUZZ=200000` for a long run (`VITE_FUZZ` where only the engines are to know). */
const { VITE_FUZZ } = import.meta.env as Record<string, string | undefined>;

/** How many inputs a property gets. @param few - in an ordinary run */
export const inputs = (few: number): { numRuns: number } => ({ numRuns: Number(VITE_FUZZ ?? few) });
