// How facts are worded; the server says the same of the rows that it renders (inspector/web/wording.py).

const SHOWN_PATH_CHARACTERS = 300;
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const SPANS = [["d", 86_400], ["h", 3600], ["min", 60]];

export const VERDICTS = {
  valid: { word: "valid", glyph: "check", tone: "ok" },
  expired: { word: "expired", glyph: "clock", tone: "warn" },
  invalid: { word: "invalid", glyph: "cross", tone: "bad" },
  malformed: { word: "malformed", glyph: "zigzag", tone: "bad" },
  missing: { word: "missing", glyph: "dash", tone: "" },
  unconfigured: { word: "no secret", glyph: "ring", tone: "" },
  unavailable: { word: "unavailable", glyph: "struck", tone: "" },
};

export function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (Math.round(value) >= 1000 && unit + 1 < UNITS.length) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit && Number(value.toFixed(1)) < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  for (const [unit, length] of SPANS) {
    if (whole >= length) {
      return `${Math.floor(whole / length)} ${unit}`;
    }
  }
  return `${whole} s`;
}

/** The local time, with UTC beside it. */
export function moment(date) {
  const local = date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
  return `${local} here, ${date.toISOString().slice(11, 23)} UTC`;
}

export function splitPath(target) {
  const shown = target.slice(0, SHOWN_PATH_CHARACTERS);
  const path = shown.split("?", 1)[0];
  const cut = path.replace(/\/+$/, "").lastIndexOf("/");
  return cut > 0 ? [shown.slice(0, cut), shown.slice(cut)] : ["", shown];
}

export function plural(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
