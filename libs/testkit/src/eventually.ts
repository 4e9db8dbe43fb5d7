/** Repeats a check until it passes; after the time it throws the check's last failure. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: { readonly withinMs?: number } = {},
): Promise<T> {
  const end = performance.now() + (options.withinMs ?? 30_000);
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
