/** An amount of yuan with two decimals, from a number or a decimal text; other text is shown as it came. */
export function amount(value: number | string): string {
  const yuan = Number(value);
  return Number.isFinite(yuan) && String(value).trim() !== "" ? `¥${yuan.toFixed(2)}` : String(value);
}
