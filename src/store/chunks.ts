/** Lists of at most `size`: statements stay below the limits on length and on bound values, and UNIONs below SQLite's 500. */
export function chunksOf<Item>(items: Item[], size = 200): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
