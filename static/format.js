// How facts are worded; the server says the same of the rows that it renders (inspector/web/wording.py).

const SHOWN_PATH_CHARACTERS = 300;
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const SPANS = [["d", 86_400], ["h", 3600], ["min", 60], ["s", 1]];

export function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (Math.round(value) >= 1000 && unit + 1 < UNITS.length) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit && Number(value.toFixed(1)) < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [unit, length] = SPANS.find(([, length]) => whole >= length) ?? SPANS.at(-1);
  return `${Math.floor(whole / length)} ${unit}`;
}

export function splitPath(target) {
  const shown = target.slice(0, SHOWN_PATH_CHARACTERS);
  const cut = shown.split("?", 1)[0].replace(/\/+$/, "").lastIndexOf("/");
  return cut > 0 ? [shown.slice(0, cut), shown.slice(cut)] : ["", shown];
}
