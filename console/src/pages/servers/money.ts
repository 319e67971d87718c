import type { Schemas } from "../../api/client";

/** Parts of a cent: the API has amounts with four decimals, which floating point cannot add up. */
const SCALE = 10_000n;

interface Part {
  key: string;
  kind: string;
  code: string;
  quantity: number;
  price: string | null;
  monthly: bigint | null;
}

export function scaled(amount: string): bigint {
  const [whole = "0", decimals = ""] = amount.replace("-", "").split(".");
  const value = BigInt(whole) * SCALE + BigInt(decimals.padEnd(4, "0").slice(0, 4) || "0");
  return amount.startsWith("-") ? -value : value;
}

/** Write an amount with two decimals, half up, as bills do. */
export function moneyOf(amount: bigint): string {
  const cents = (amount + 50n) / 100n;
  return `${(cents / 100n).toLocaleString()}.${String(cents % 100n).padStart(2, "0")}`;
}

/** Return what a server costs a month; null where a part of it has no price. */
export function costOf(server: Schemas["ServerDetail"], prices: readonly Schemas["PriceView"][]) {
  const found = new Map(prices.map((price) => [`${price.kind} ${price.code}`, price.monthly]));
  const part = (kind: string, code: string, quantity: number, key: string): Part => {
    const price = found.get(`${kind} ${code}`) ?? null;
    return { key, kind, code, quantity, price, monthly: price === null ? null : scaled(price) * BigInt(quantity) };
  };
  const parts = [
    part("flavor", server.flavor ?? "", 1, "flavor"),
    part("address", "", 1, "address"),
    ...server.volumes.map((volume) => part("tier", volume.tier, volume.size_gib, volume.volume_id)),
  ];
  const known = parts.map((each) => each.monthly);
  const total = known.includes(null) ? null : known.reduce((sum: bigint, each) => sum + (each ?? 0n), 0n);
  return { parts, total, currency: prices[0]?.currency ?? "" };
}
