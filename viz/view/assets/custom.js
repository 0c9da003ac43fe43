// What the templates of the view share: numbers and dates as words.py writes them, and the page's own settings.
(function () {
  const page = new URLSearchParams(window.location.search);
  document.documentElement.lang = page.get("lang") === "en" ? "en" : "ko";
  // Solara's page forbids to zoom with two fingers
  document.querySelector("meta[name=viewport]").setAttribute("content", "width=device-width, initial-scale=1");

  function plain(value, digits) {
    return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  function wonKorean(value) {
    const size = Math.abs(value), sign = value < 0 ? "-" : "";
    if (size < 1e6) return sign + plain(size, 0) + "원";
    const [units, names] = size >= 1e9 ? [Math.round(size / 1e8), ["조", "억"]] : [Math.round(size / 1e5) * 10, ["억", "만"]];
    const parts = [Math.floor(units / 1e4), units % 1e4].map((part, n) => (part ? plain(part, 0) + names[n] : ""));
    return sign + parts.filter(Boolean).join(" ") + " 원";
  }

  function wonEnglish(value) {
    const size = Math.abs(value);
    if (size >= 1e9) return plain(value / 1e9, 1) + "bn won";
    if (size >= 1e6) return plain(value / 1e6, 1) + "m won";
    return plain(value, 0) + " won";
  }

  // a value in the model's unit, with its unit's name: what a lever is set to
  function number(value, scale, unit, lang) {
    if (scale === "share") return plain(100 * value, Math.abs(value * 100 - Math.round(value * 100)) < 1e-9 ? 0 : 1) + "%";
    if (scale === "won") return lang === "ko" ? wonKorean(value) : wonEnglish(value);
    const digits = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1;
    const text = plain(value, digits);
    if (scale === "ratio") return lang === "ko" ? text + "배" : "× " + text;
    return lang === "ko" ? text + unit.split("/")[0] : text;
  }

  // a value of the payload: in the unit that is shown, rounded there
  function write(value, of, bare) {
    if (value === null || value === undefined) return "–";
    const digits = Math.abs(value) >= 100 ? 0 : Math.min(of.decimals, 1);
    return plain(value, digits) + (bare ? "" : joined(of.unit));
  }

  function joined(unit) { // %, 명 and 억 stand next to the number, words apart
    return /^[%가-힣]/.test(unit) ? unit : unit ? " " + unit : "";
  }

  function gap(value, of, lang) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const sign = value >= 0 ? "+" : "-";
    if (of.unit === "%") return sign + plain(Math.abs(value), 1) + (lang === "ko" ? "%p" : " points");
    return sign + write(Math.abs(value), of);
  }

  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  function date(iso, lang) {
    const [year, month] = iso.split("-").map(Number);
    return lang === "ko" ? year + "년 " + month + "월" : MONTHS[month - 1] + " " + year;
  }

  function typing(event) {
    const tag = event.target && event.target.tagName;
    return event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "SELECT", "TEXTAREA"].includes(tag);
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  window.injae = { number, write, gap, date, typing, fill };
})();
