// Says back what an amount means: "2万" -> "20,000.00 元(贰万元整)". The server decides again.
const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿"];

export function toFen(text) {
  const plain = text.normalize("NFKC").replace(/[\s¥￥]/g, "").replace(/(元|块)$/, "");
  const found = plain.match(/^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,6}))?(万)?$/);
  if (!found) return null;
  const shift = found[3] ? 6 : 2;
  const decimals = (found[2] ?? "").padEnd(shift, "0");
  if (/[1-9]/.test(decimals.slice(shift))) return null;
  const fen = Number(found[1].replaceAll(",", "") + decimals.slice(0, shift));
  return Number.isSafeInteger(fen) && fen < 1e14 ? fen : null;
}

function group(number) {
  let words = "";
  let gap = false;
  for (let place = 3; place >= 0; place -= 1) {
    const digit = Math.floor(number / 10 ** place) % 10;
    if (digit === 0) {
      gap = words !== "";
    } else {
      words += (gap ? "零" : "") + DIGITS[digit] + PLACES[place];
      gap = false;
    }
  }
  return words;
}

export function capitals(fen) {
  const yuan = Math.floor(fen / 100);
  const jiao = Math.floor(fen / 10) % 10;
  const last = fen % 10;
  let words = "";
  for (let index = 2; index >= 0; index -= 1) {
    const part = Math.floor(yuan / 10000 ** index) % 10000;
    if (part === 0) continue;
    const gap = words !== "" && (part < 1000 || Math.floor(yuan / 10000 ** (index + 1)) % 10000 === 0);
    words += (gap ? "零" : "") + group(part) + GROUPS[index];
  }
  if (words) words += "元";
  if (jiao === 0 && last === 0) return (words || "零元") + "整";
  if (jiao > 0) words += DIGITS[jiao] + "角";
  else if (words) words += "零";
  return words + (last > 0 ? DIGITS[last] + "分" : "整");
}

function echo(wrapper) {
  const input = wrapper.querySelector("input");
  const output = wrapper.querySelector("[data-money-echo]");
  const fen = toFen(input.value);
  const figure = fen === null ? "" : (fen / 100).toLocaleString("en", { minimumFractionDigits: 2 });
  output.textContent = fen === null ? "" : `${figure} 元（${capitals(fen)}）`;
}

document.addEventListener("input", (event) => {
  const wrapper = event.target.closest?.("[data-money]");
  if (wrapper && !event.isComposing) echo(wrapper);
});
document.querySelectorAll("[data-money]").forEach(echo);
