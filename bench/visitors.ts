/** How many people the benchmarks of pages have ask at once, each on a connection of their own. */
export const visitors = 20;
