// Draws the findings of the page. All text of exports is set as text, never as markup.
(() => {
  "use strict";
  const SEVERITIES = ["info", "low", "medium", "high", "critical"];
  const CONFIDENCES = ["low", "medium", "high"];
  const STATES = ["new", "unchanged", "fixed"];
  const PAGE = 100;
  const PRINTED = 500;
  const FILTERS = ["q", "severity", "rule", "app", "platform", "state", "standing", "order"];

  const root = document.documentElement;
  const by = (id) => document.getElementById(id);
  const { rules, texts, lines, findings } = JSON.parse(by("data").textContent);
  const list = by("list"), detail = by("detail"), query = by("query"), panes = document.querySelector(".panes");
  const selects = Object.fromEntries(["rule", "app", "platform", "state", "standing", "order"].map((name) => [name, by(name)]));
  const byFingerprint = new Map(findings.map((finding) => [finding.f, finding]));

  let filter = {};
  let matches = findings;
  let page = 0;
  let opened = null;
  let view = "overview";

  // --------------------------------------------------------------------------------------------------------------- elements

  // An element with a class, and what is in it: elements, or text.
  const make = (tag, name, ...inside) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.append(...inside);
    return element;
  };
  const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
  const severity = (finding) => make("span", `severity ${SEVERITIES[finding.s]}`, SEVERITIES[finding.s]);
  // Text whose parts in backticks are code.
  const prose = (text) => {
    const parts = text.split("`");
    if (parts.length % 2 === 0) return [text];
    return parts.map((part, at) => (at % 2 ? make("code", "", part) : part));
  };
  const plain = (text) => text.replaceAll("`", "");

  // ------------------------------------------------------------------------------------------------------------- what it is

  const path = (finding) => texts[finding.x[0][0]];
  const place = (finding) => `${path(finding)}:${finding.x[0][1]}:${finding.x[0][2]}`;
  // The end of a long path says more than its beginning.
  const tail = (path) => (path.length > 44 ? `…/${path.split("/").slice(-2).join("/").slice(-60)}` : path);
  const app = (finding) => texts[finding.a || 0];
  const state = (finding) => STATES[finding.o || 0];
  const standing = (finding) => (finding.b ? "blocking" : finding.w ? "waived" : "passing");

  // What a search looks at; made when it is first needed.
  const haystack = (finding) => {
    if (finding.hay === undefined) {
      const rule = rules[finding.r];
      const parts = [finding.m, rule.id, rule.title, app(finding), finding.f, texts[finding.p || 0], texts[finding.t || 0]];
      if (finding.e) parts.push(texts[finding.e[0]], texts[finding.e[1]]);
      if (finding.w) parts.push(...finding.w.map((text) => texts[text]));
      for (const note of finding.n || []) parts.push(texts[note]);
      for (const [tag] of finding.g || []) parts.push(texts[tag]);
      for (const [file, , , rows] of finding.x) {
        parts.push(texts[file]);
        for (const [line, marks] of rows) {
          parts.push(lines[line][1]);
          for (const mark of marks) parts.push(texts[mark[2]]);
        }
      }
      finding.hay = parts.join("\n").toLowerCase();
    }
    return finding.hay;
  };

  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const ORDERS = {
    place: (one, other) => compare(path(one), path(other)) || one.x[0][1] - other.x[0][1] || one.x[0][2] - other.x[0][2],
    rule: (one, other) => compare(rules[one.r].id, rules[other.r].id),
  };

  const select = () => {
    const severities = new Set((filter.severity || "").split(",").filter(Boolean));
    const words = (filter.q || "").toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = STATES.includes(filter.state) ? filter.state : "";
    matches = findings.filter((finding) =>
      (severities.size === 0 || severities.has(SEVERITIES[finding.s])) &&
      (!filter.rule || rules[finding.r].id === filter.rule) &&
      (!filter.app || app(finding) === filter.app) &&
      (!filter.platform || texts[finding.p || 0] === filter.platform) &&
      // What is fixed is shown only to those who ask for it.
      (wanted ? state(finding) === wanted : state(finding) !== "fixed") &&
      (!filter.standing || standing(finding) === filter.standing) &&
      words.every((word) => haystack(finding).includes(word)));
    if (ORDERS[filter.order]) matches.sort(ORDERS[filter.order]);
  };

  // ---------------------------------------------------------------------------------------------------------------- address

  // `#findings?severity=high&q=mail` or `#finding-f1:...?severity=high`
  const address = (name) => {
    const values = FILTERS.filter((key) => filter[key]).map((key) => `${key}=${encodeURIComponent(filter[key])}`);
    return `#${name}${values.length ? `?${values.join("&")}` : ""}`;
  };
  const addressOf = (finding) => address(`finding-${finding.f}`);
  const go = (name) => {
    if (location.hash !== name) history.replaceState(null, "", name);
  };

  const read = () => {
    const [name, values] = location.hash.slice(1).split("?");
    const known = new URLSearchParams(values || "");
    let wanted = name;
    try {
      wanted = decodeURIComponent(name);
    } catch {
      // Not one of ours: shown as it is.
    }
    const finding = wanted.startsWith("finding-") ? byFingerprint.get(wanted.slice(8)) : null;
    const isFindings = wanted.startsWith("finding");
    if (isFindings) {
      filter = Object.fromEntries(FILTERS.map((key) => [key, known.get(key) || ""]));
      controls();
      select();
      let at = finding ? matches.indexOf(finding) : -1;
      if (finding && at < 0) {
        // A link to a finding shows it, whatever filters hide it.
        filter = finding.o === 2 ? { state: "fixed" } : {};
        controls();
        select();
        at = matches.indexOf(finding);
      }
      page = at < 0 ? 0 : Math.floor(at / PAGE);
      opened = finding;
      draw();
      if (!finding && wanted !== "findings") say("There is no finding with this fingerprint in this report.");
    }
    show(isFindings ? "findings" : wanted, finding);
  };

  const show = (wanted, finding) => {
    const target = by(wanted);
    if (target && !target.classList.contains("view")) return;
    view = target ? wanted : "overview";
    for (const section of document.querySelectorAll(".view")) section.classList.toggle("shown", section.id === view);
    for (const link of document.querySelectorAll(".bar nav a")) {
      if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (finding) current()?.scrollIntoView({ block: "nearest" });
    if (!finding) scrollTo(0, 0);
  };

  // ------------------------------------------------------------------------------------------------------------------- list

  const flags = (finding) => {
    const flags = make("span", "flags");
    if (finding.b) flags.append(make("span", "flag blocks", "blocks"));
    if (finding.w) flags.append(make("span", "flag", "waived"));
    if (state(finding) === "unchanged") flags.append(make("span", "flag", "not new"));
    if (state(finding) === "fixed") flags.append(make("span", "flag gone", "fixed"));
    return flags;
  };

  const row = (finding) => {
    const link = make("a", "row",
      make("span", "top", severity(finding), make("span", "rule", rules[finding.r].id), flags(finding)),
      make("span", "message", plain(finding.m)),
      make("span", "place", `${tail(path(finding))}:${finding.x[0][1]}`, app(finding) ? ` · ${app(finding)}` : ""));
    link.href = addressOf(finding);
    if (finding === opened) link.setAttribute("aria-current", "true");
    return make("li", "", link);
  };

  const drawList = () => {
    const last = Math.max(0, Math.ceil(matches.length / PAGE) - 1);
    page = Math.min(page, last);
    const from = page * PAGE;
    const shown = matches.slice(from, from + PAGE);
    list.replaceChildren(...shown.map(row));
    list.start = from + 1;
    list.hidden = shown.length === 0;
    by("none")?.remove();
    if (shown.length === 0) {
      const none = make("p", "none", findings.length ? "No finding is let through by these filters." : "Nothing was found.");
      none.id = "none";
      list.after(none);
    }
    by("pages").hidden = last === 0;
    by("page").textContent = `${count(from + 1)}–${count(from + shown.length)} of ${count(matches.length)}`;
    by("previous").setAttribute("aria-disabled", page === 0);
    by("next").setAttribute("aria-disabled", page === last);
    list.scrollTop = 0;
  };

  const draw = () => {
    drawList();
    const all = findings.filter((finding) => state(finding) !== "fixed").length;
    const blocking = matches.filter((finding) => finding.b).length;
    const of = matches.length === all ? "" : ` of ${count(all)}`;
    by("status").textContent = `${count(matches.length)}${of} finding${matches.length === 1 && !of ? "" : "s"}, ${count(blocking)} blocking`;
    by("clear").hidden = !FILTERS.some((key) => filter[key] && key !== "order");
    drawDetail();
  };

  const current = () => list.querySelector("[aria-current]");

  // ----------------------------------------------------------------------------------------------------------------- detail

  const copyable = (text, name) => {
    const button = make("button", "", "Copy");
    button.type = "button";
    button.setAttribute("aria-label", `Copy ${name}`);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
        say(`Copied ${name}.`);
        setTimeout(() => (button.textContent = "Copy"), 1500);
      } catch {
        getSelection().selectAllChildren(code);
        say("The browser does not let the page copy; the text is selected.");
      }
    });
    const code = make("code", "", text);
    return make("div", "command", code, button);
  };

  // The text of a line in pieces, with those marked that marks cover.
  const marked = (text, marks) => {
    const cuts = [...new Set([0, text.length, ...marks.flatMap(([from, to]) => [from, Math.max(to, from + 1)])])];
    cuts.sort((one, other) => one - other);
    return cuts.slice(0, -1).map((from, at) => {
      const piece = text.slice(from, cuts[at + 1]);
      const over = marks.filter((mark) => mark[0] <= from && from < Math.max(mark[1], mark[0] + 1));
      if (!over.length) return piece;
      return make("mark", over.some((mark) => mark[3]) ? "" : "also", piece);
    });
  };

  // The path is told once; frames of the same file name only the line.
  const frame = ([file, line, column, rows], nth, all) => {
    const same = nth > 0 && all[nth - 1][0] === file;
    const box = make("div", "frame", make("div", "path", same ? `line ${line}, column ${column}` : `${texts[file]}:${line}:${column}`));
    if (!rows.length) return box;
    const source = make("pre", "source");
    source.tabIndex = 0;
    source.setAttribute("role", "group");
    source.setAttribute("aria-label", `Source of ${texts[file]} from line ${lines[rows[0][0]][0]}`);
    let before = null;
    for (const [number, marks] of rows) {
      const [at, text] = lines[number];
      if (before !== null && at > before + 1) source.append(gutter("line", "⋯", ""));
      before = at;
      source.append(gutter("line", at, ...marked(text || " ", marks)));
      for (const [from, , label, own] of marks) {
        if (!label) continue;
        const ghost = make("span", "ghost", text.slice(0, from));
        ghost.setAttribute("aria-hidden", "true");
        source.append(gutter(own ? "label" : "label also", "", ghost, `╰ ${plain(texts[label])}`));
      }
    }
    box.append(source);
    return box;
  };
  const gutter = (name, number, ...inside) => {
    const line = make("span", name, ...inside, "\n");
    line.dataset.line = number;
    return line;
  };

  const facts = (pairs) => {
    const box = make("dl", "facts");
    for (const [name, value] of pairs) if (value) box.append(make("dt", "", name), make("dd", "", value));
    return box;
  };

  const drawDetail = () => {
    panes.classList.toggle("open", Boolean(opened));
    const finding = opened;
    if (!finding) {
      detail.replaceChildren(make("p", "none", "Choose a finding to see its place, why it matters, and what to do."));
      return;
    }
    const rule = rules[finding.r];
    const back = make("button", "quiet back", "Back to the list");
    back.type = "button";
    back.addEventListener("click", close);
    const link = make("a", "right", "Link to this finding");
    link.href = `#finding-${finding.f}`;
    const parts = [
      back,
      make("p", "head", severity(finding), make("code", "", rule.id), make("span", "muted", `${CONFIDENCES[finding.c]} confidence`), link),
      make("h3", "", ...prose(finding.m)),
    ];
    const note = (kind, text) => parts.push(make("p", `note ${kind}`, ...prose(text)));
    if (finding.b) note("bad", `Blocked by ${texts[finding.b]}.`);
    if (finding.w) {
      const [id, category, reason, expires] = finding.w.map((text) => texts[text]);
      note("", `Waived by ${id} until ${expires} (${category}): ${reason}`);
    }
    if (state(finding) === "unchanged") note("", "Not new: it was there before this change.");
    if (state(finding) === "fixed") note("good", "Fixed: it was there before this change, and is gone.");
    for (const text of finding.n || []) note("", `Note: ${texts[text]}`);
    parts.push(...finding.x.map(frame));
    const section = (name, text) => {
      if (text) parts.push(make("h4", "", name), make("p", "", ...prose(text)));
    };
    section("What to do", texts[finding.h || 0] || rule.fix);
    section("Why it matters", rule.why);
    section("When it is no problem", rule.doubt);
    const element = finding.e && `${texts[finding.e[0]]} ${texts[finding.e[1]]}`;
    parts.push(make("h4", "", "What it is about"), facts([
      ["Rule", rule.title],
      ["App", app(finding)],
      ["Element", element],
      ["Platform", texts[finding.p || 0]],
      ["Place", place(finding)],
      ["Value", finding.t && make("code", "", texts[finding.t])],
    ]));
    if (finding.g) {
      const tags = finding.g.map(([name, target]) => {
        if (!target) return make("li", "", texts[name]);
        const link = make("a", "", texts[name]);
        link.href = texts[target];
        link.rel = "noreferrer";
        return make("li", "", link);
      });
      parts.push(make("h4", "", "Tags"), make("ul", "tags", ...tags));
    }
    parts.push(make("h4", "", "Fingerprint"), copyable(finding.f, "the fingerprint"));
    parts.push(make("h4", "", "Commands"), copyable(`flowgate rules explain ${rule.id}`, "the command that explains the rule"));
    if (state(finding) !== "fixed" && !finding.w) {
      parts.push(copyable(`flowgate waive ${finding.f} --reason 'WHY' --owner WHO`, "the command that drafts a waiver"));
    }
    detail.replaceChildren(...parts);
    // A mark far to the right of its line comes into sight, with what stands before it.
    for (const source of detail.querySelectorAll(".source")) {
      const mark = source.querySelector("mark");
      const over = mark ? mark.offsetLeft - source.offsetLeft + Math.min(mark.offsetWidth, 200) - source.clientWidth : 0;
      if (over > 0) source.scrollLeft = mark.offsetLeft - source.offsetLeft - 140;
    }
    detail.setAttribute("aria-label", `Finding: ${plain(finding.m)}`);
    detail.scrollTop = 0;
  };

  const say = (text) => {
    by("said").textContent = text;
  };

  // --------------------------------------------------------------------------------------------------------------- controls

  const tally = (name) => {
    const numbers = new Map();
    for (const finding of findings) {
      if (state(finding) === "fixed") continue;
      const value = name(finding);
      if (value) numbers.set(value, (numbers.get(value) || 0) + 1);
    }
    return [...numbers].sort((one, other) => compare(one[0], other[0]));
  };
  const fill = (name, every, pairs) => {
    const options = [["", every], ...pairs.map(([value, number]) => [value, `${value} (${count(number)})`])];
    selects[name].replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    // One thing is no choice.
    selects[name].parentElement.hidden = pairs.length < 2 && name !== "standing";
  };
  const prepare = () => {
    fill("rule", "All", tally((finding) => rules[finding.r].id));
    fill("app", "All", tally(app));
    fill("platform", "All", tally((finding) => texts[finding.p || 0]));
    fill("standing", "All", tally(standing));
    const states = STATES.map((name) => [name, findings.filter((finding) => state(finding) === name).length]);
    fill("state", "All but fixed", states.filter(([, number]) => number));
    const numbers = new Map(tally((finding) => SEVERITIES[finding.s]));
    by("severities").append(...[...SEVERITIES].reverse().map((name) => {
      const button = make("button", "", make("span", `severity ${name}`, name), " ", make("span", "number", count(numbers.get(name) || 0)));
      button.type = "button";
      button.dataset.severity = name;
      button.addEventListener("click", () => {
        const chosen = new Set((filter.severity || "").split(",").filter(Boolean));
        if (!chosen.delete(name)) chosen.add(name);
        change("severity", [...chosen].join(","));
      });
      return button;
    }));
  };

  // The controls as the filter is.
  const controls = () => {
    if (query.value !== (filter.q || "")) query.value = filter.q || "";
    for (const [name, select] of Object.entries(selects)) {
      select.value = filter[name] || "";
      if (select.selectedIndex < 0) {
        select.value = "";
        filter[name] = "";
      }
    }
    const chosen = new Set((filter.severity || "").split(","));
    for (const button of by("severities").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", chosen.has(button.dataset.severity));
    }
  };

  const change = (key, value) => {
    filter[key] = value;
    controls();
    select();
    page = 0;
    if (opened && !matches.includes(opened)) opened = null;
    draw();
    go(opened ? addressOf(opened) : address("findings"));
  };

  const open = (finding, focus) => {
    const at = matches.indexOf(finding);
    if (at < 0) return;
    opened = finding;
    if (Math.floor(at / PAGE) !== page) {
      page = Math.floor(at / PAGE);
      drawList();
    } else {
      current()?.removeAttribute("aria-current");
      list.children[at % PAGE].firstChild.setAttribute("aria-current", "true");
    }
    drawDetail();
    go(addressOf(finding));
    if (focus) {
      detail.focus();
      if (matchMedia("(max-width: 959.9px)").matches) detail.scrollIntoView();
    } else {
      current().focus();
      current().scrollIntoView({ block: "nearest" });
    }
  };

  const close = () => {
    const last = current();
    opened = null;
    drawDetail();
    last?.removeAttribute("aria-current");
    go(address("findings"));
    (last || query).focus();
  };

  // ------------------------------------------------------------------------------------------------------------------ theme

  const THEMES = { "": "automatic", light: "light", dark: "dark" };
  const theme = by("theme");
  const paint = (name) => {
    if (name) root.dataset.theme = name;
    else delete root.dataset.theme;
    theme.textContent = `Theme: ${THEMES[name]}`;
  };
  theme.addEventListener("click", () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(root.dataset.theme || "") + 1) % names.length];
    paint(next);
    try {
      localStorage.setItem("flowgate-theme", next);
    } catch {
      // A page from a file may have nowhere to keep it.
    }
  });

  // ------------------------------------------------------------------------------------------------------------------ print

  const printed = (finding) => {
    const parts = [severity(finding), " ", make("strong", "", ...prose(finding.m)), make("br"), make("code", "", rules[finding.r].id), " ", place(finding)];
    if (finding.b) parts.push(make("br"), `Blocked by ${texts[finding.b]}.`);
    if (finding.w) parts.push(make("br"), `Waived by ${texts[finding.w[0]]} until ${texts[finding.w[3]]}: ${texts[finding.w[2]]}`);
    const fix = texts[finding.h || 0] || rules[finding.r].fix;
    if (fix) parts.push(make("br"), "What to do: ", ...prose(fix));
    return make("li", "", ...parts);
  };
  const print = ({ matches: printing }) => {
    if (!printing) {
      by("printed").replaceChildren();
      return;
    }
    const shown = matches.slice(0, PRINTED);
    const head = matches.length > PRINTED ? `The first ${PRINTED} of ${plural(matches.length, "finding")}; filters make them fewer.` : plural(matches.length, "finding");
    by("printed").replaceChildren(make("p", "", `${head}.`.replace("..", ".")), make("ol", "", ...shown.map(printed)));
  };

  // --------------------------------------------------------------------------------------------------------------- keyboard

  const step = (by) => {
    if (!matches.length) return;
    const focused = list.contains(document.activeElement) ? [...list.children].findIndex((item) => item.contains(document.activeElement)) : -1;
    const from = opened ? matches.indexOf(opened) : focused < 0 ? -1 : page * PAGE + focused;
    const to = from < 0 ? page * PAGE : from + by;
    if (to >= 0 && to < matches.length) open(matches[to], false);
  };
  const KEYS = {
    "/": () => {
      query.focus();
      query.select();
    },
    j: () => step(1),
    k: () => step(-1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "Escape" && view === "findings") {
      if (event.target === query && query.value) return;
      if (typing) event.target.blur();
      else if (detail.contains(event.target) && current() && !matchMedia("(max-width: 959.9px)").matches) current().focus();
      else if (opened) close();
      return;
    }
    if (typing || !(event.key in KEYS)) return;
    if (view !== "findings") {
      if (event.key !== "/") return;
      location.hash = address("findings");
      read();
    }
    event.preventDefault();
    KEYS[event.key]();
  });

  // ------------------------------------------------------------------------------------------------------------------ start

  list.addEventListener("click", (event) => {
    const link = event.target.closest("a.row");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(matches[page * PAGE + [...list.children].indexOf(link.parentElement)], true);
  });
  const turn = (by) => {
    const last = Math.ceil(matches.length / PAGE) - 1;
    if (page + by < 0 || page + by > last) return;
    page += by;
    drawList();
    list.firstChild?.firstChild.scrollIntoView({ block: "nearest" });
  };
  by("previous").addEventListener("click", () => turn(-1));
  by("next").addEventListener("click", () => turn(1));
  by("clear").addEventListener("click", () => {
    filter = { order: filter.order };
    change("q", "");
    query.focus();
  });
  query.addEventListener("input", () => change("q", query.value));
  for (const [name, select] of Object.entries(selects)) select.addEventListener("change", () => change(name, select.value));
  addEventListener("hashchange", read);
  matchMedia("print").addEventListener("change", print);

  by("workbench").hidden = false;
  theme.hidden = false;
  paint(root.dataset.theme || "");
  prepare();
  select();
  draw();
  read();
})();
