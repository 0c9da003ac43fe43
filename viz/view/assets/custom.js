// What the templates of the view share: how numbers of a payload and dates are written, and who a key belongs to.
(function () {
  const page = new URLSearchParams(window.location.search);
  const liked = (navigator.languages || []).map((code) => code.toLowerCase().split("-")[0]).find((code) => ["ko", "en"].includes(code));
  document.documentElement.lang = ["ko", "en"].includes(page.get("lang")) ? page.get("lang") : liked || "en";
  // Solara's page forbids to zoom with two fingers
  document.querySelector("meta[name=viewport]").setAttribute("content", "width=device-width, initial-scale=1");

  // Solara's navigator pushes /compare where a proxy shows the page as /sim/compare
  const push = window.history.pushState;
  window.history.pushState = function (state, title, address) {
    const root = (window.solara && window.solara.rootPath) || "";
    const bare = root && typeof address === "string" && address.startsWith("/") && !address.startsWith(root + "/");
    return push.call(window.history, state, title, bare ? root + address : address);
  };

  const formats = new Map(); // to make one takes far longer than to use it

  function plain(value, digits, fewest = digits) {
    const key = fewest + "-" + digits;
    if (!formats.has(key)) formats.set(key, new Intl.NumberFormat("en-US", { minimumFractionDigits: fewest, maximumFractionDigits: digits }));
    return formats.get(key).format(value);
  }

  // a value of the payload: in the unit that is shown, rounded there
  function write(value, of, bare) {
    if (value === null || value === undefined) return "–";
    return plain(value, digits(value, of)) + (bare ? "" : joined(of.unit));
  }

  function digits(value, of) { // of large numbers nobody reads tenths
    return Math.abs(value) >= 100 ? 0 : of.decimals;
  }

  function joined(unit) { // %, 명 and 억 stand next to the number, words apart
    return /^[%가-힣]/.test(unit) ? unit : unit ? " " + unit : "";
  }

  function gap(value, of, lang) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const sign = value >= 0 ? "+" : "-";
    if (of.unit === "%") return sign + plain(Math.abs(value), Math.max(1, of.decimals || 1)) + (lang === "ko" ? "%p" : " points");
    return sign + write(Math.abs(value), of);
  }

  function row(text, decimals) {
    let sum = 0;
    return text.split(",").map((step) => { sum += Number(step); return sum / Math.pow(10, decimals); });
  }

  // undoes packing.py
  function unpack(parcel) {
    if (!parcel) return null;
    const of = (chart, name) => (chart[name] === null ? null : row(chart[name], chart.decimals));
    const names = ["mean", "aleatory_low", "aleatory_high", "low", "high", "baseline", "gap", "gap_low", "gap_high"];
    const charts = parcel.charts.map((chart) => ({ ...chart, ...Object.fromEntries(names.map((name) => [name, of(chart, name)])) }));
    const weakest = (binds) => Object.fromEntries(Object.entries(binds.weakest).map(([who, text]) => [who, row(text, 0)]));
    const binds = parcel.binds && { ...parcel.binds, share: parcel.binds.share.map((text) => row(text, 0)), weakest: weakest(parcel.binds) };
    const steps = (parcel.pipeline ? parcel.pipeline.steps : []).map((step) => { // some have the numbers of a chart
      if (!step.mean) return { ...charts.find((chart) => chart.name === step.name), ...step };
      return { ...step, mean: row(step.mean, 0), baseline: step.baseline && row(step.baseline, 0) };
    });
    return { ...parcel, charts, binds, pipeline: parcel.pipeline && { ...parcel.pipeline, steps }, dates: parcel.dates.split(",") };
  }

  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  function date(iso, lang) {
    const [year, month] = iso.split("-").map(Number);
    return lang === "ko" ? year + "년 " + month + "월" : MONTHS[month - 1] + " " + year;
  }

  // whether a key belongs to what has the focus, or to the browser, and so is no shortcut of the page
  function taken(event) {
    const { tagName, type } = event.target || {};
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return true;
    if (["SELECT", "TEXTAREA"].includes(tagName) || (tagName === "INPUT" && !["range", "checkbox"].includes(type))) return true;
    if (tagName === "INPUT" && type === "range") return keyOf(event).length > 1; // arrows, Home, End move the slider
    return event.key === " " && ["BUTTON", "SUMMARY", "A", "INPUT"].includes(tagName);
  }

  // the key by its name, letters small; ㅕ, which is U on a Korean keyboard, is "u"
  function keyOf(event) {
    if (/^[ -~]$/.test(event.key)) return event.key.toLowerCase();
    const letter = /^Key([A-Z])$/.exec(event.code);
    return letter ? letter[1].toLowerCase() : event.key;
  }

  // a file that Python made, as a download of the browser
  function save(file) {
    const bytes = Uint8Array.from(atob(file.data), (letter) => letter.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: file.mime }));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // round marks of an axis from low to high, about so many
  function ticks(low, high, count) {
    const rough = (high - low) / count || 1, size = Math.pow(10, Math.floor(Math.log10(rough)));
    const unit = [1, 2, 2.5, 5, 10].map((step) => step * size).find((step) => step >= rough * 0.999);
    const first = Math.floor(low / unit + 0.03), last = Math.max(Math.ceil(high / unit - 1e-9), first + 1), at = [];
    for (let n = first; n <= last; n += 1) at.push(n * unit);
    return { low: first * unit, high: last * unit, at, unit };
  }

  function mark(value, unit) {
    return plain(value === 0 ? 0 : value, unit >= 1 ? 0 : unit >= 0.1 ? 1 : 2, 0);
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  // a sentence cut into numbers to be seen at a glance and the rest; ranges in brackets and dates are rest
  const NUMBER = /((?:[+-]?\d[\d,]*(?:\.\d+)?(?:조|억|만)\s?)+원|[+-]?\d[\d,]*(?:\.\d+)?(?:%p?| points|명(?!당)|곳|(?:bn|m|tn)? won\b|bn won|(?![\d,.]*\d|년|월|번|회|명당)))/;
  function pieces(line) {
    return line.split(/(\([^()]*\d[^()]*\)|“[^”]*”|'[^']*'|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}|\d{4}년 \d+월)/).flatMap((part, n) => (n % 2
      ? [{ text: part, bold: false }] : part.split(NUMBER).map((text, m) => ({ text, bold: m % 2 === 1 })))).filter((piece) => piece.text);
  }

  // how far a bar of progress is, in percent: something is seen of work that has only been asked for
  function share(busy, waiting) {
    return busy ? Math.max(4, (100 * busy.done) / busy.wanted) : waiting ? 4 : 100;
  }

  let away = false;
  const levers = () => document.querySelectorAll(".ij-levers");
  new MutationObserver(() => { // Solara covers the page when the server is gone: what would be asked of it waits
    const gone = Boolean(document.querySelector(".v-overlay--active[style*='100002']"));
    if (gone === away) return;
    away = gone;
    levers().forEach((panel) => { panel.inert = away; });
    document.documentElement.classList.toggle("ij-away", away);
    if (!away) window.dispatchEvent(new Event("injae.back"));
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["class", "style"] });

  window.injae = { unpack, row, plain, write, digits, gap, date, taken, keyOf, fill, pieces, share, save, ticks, mark };
})();
