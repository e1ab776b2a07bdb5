"use strict";
/* The first screen: who falls short, the headline targets as cards, where to build first. */
(function (app) {
  var node = app.node, word = app.word;

  /* The first three townships by residents of communities that fall short of anything, as the reports name them; by how many communities do where nobody counted residents. */
  function worstTownships(total) {
    function weight(at) { return app.knowsResidents() ? total.townships[at].people_sum || 0 : app.shortCount(total.townships[at]); }
    return Object.keys(total.townships).map(Number).sort(function (a, b) { return weight(b) - weight(a) || a - b; }).filter(weight).slice(0, 3);
  }

  /* Where to build first, place by place as the reports list them: a site, or a station whose catchment needs more. */
  function firstPlaces() {
    return app.data.proposals.first.lines.map(function (one) {
      var said = one.said[app.state.lang];
      if (one.sites) { return one.sites.length ? { words: siteName(one.sites[0]), said: said, theme: themeOf(app.data.proposals.sites[one.sites[0]]), change: { site: one.sites[0] } } : null; }
      var theme = themeOf(one), unit = theme && (theme.units.short || []).find(function (other) { return other.code === one.station && other.row >= 0; });
      return { words: one.name[app.state.lang], said: said, theme: theme, change: unit ? { facility: { service: unit.service, row: unit.row } } : {} };
    }).filter(function (one) { return one && one.theme; });
  }

  function themeOf(one) { return app.data.themes.find(function (theme) { return theme.plan === one.plan && theme.rule === one.rule; }); }

  /* A community that is known by its code alone says less than the street. */
  function siteName(number) {
    var site = app.data.proposals.sites[number], row = app.data.communities.code.indexOf(site.code);
    return row >= 0 && app.data.communities.kind[row] !== "cell" && app.communityName(row) !== site.code ? app.communityName(row) : site.street || app.siteWords(site);
  }

  /* What leads to them: a line for each, a link to the place and the target that it is the first for. */
  function firstLines(places) {
    var made = node("span", "firsts");
    made.appendChild(node("span", "", app.data.proposals.first.lead[app.state.lang]));
    places.forEach(function (one) {
      var line = node("span", "first");
      line.appendChild(app.link(one.words, function () { app.choose(Object.assign({ theme: one.theme, fly: true, tab: "place" }, one.change)); }));
      line.appendChild(node("small", "", one.said));
      line.title = one.said;
      made.appendChild(line);
    });
    return made;
  }

  /* Which sentence says how the communities stand: only where all have a verdict is it about all of them. */
  function headForm(short, judged, all) {
    if (judged < all) { return "map.head.partly"; }
    if (all === 1) { return short ? "map.head.only-short" : "map.head.only-met"; }
    return short === all ? "map.head.every" : short ? "map.head.short" : "map.head.none";
  }

  /* How many headline targets are missed; none are told where none is and communities have verdicts of their own. */
  function targetWords(judged) {
    var missed = app.missedTargets().length, all = app.data.headlines.length;
    if (!all) { return judged ? "" : word("map.head.unknown"); }
    return missed ? word("map.head.targets", { n: app.number(missed), number: app.number(all) }) : judged ? "" : word("map.head.targets-met", { n: app.number(all) });
  }

  /* What the verdicts on the headline targets stand on; folded, what would change each of them. */
  function sureBlock() {
    var all = app.data.headlines, made = node("details", "sure"), list = node("ul"), of = function (mark) { return all.filter(function (one) { return one.certainty === mark; }).length; };
    var parts = ["firm", "assumed", "provisional"].filter(of).map(function (mark) { return word("map.head.sure-part", { n: app.number(of(mark)), name: word("status." + mark) }); });
    made.appendChild(node("summary", "", word("map.head.sure", { name: app.list(parts) })));
    all.forEach(function (one) {
      var theme = app.data.themes[one.theme], about = app.unsureOf(theme);
      if (about) { list.appendChild(node("li", "note", app.ruleTitle(theme) + word("map.colon") + about[app.state.lang] + word("map.stop"))); }
    });
    made.appendChild(list);
    return list.childNodes.length ? made : null;
  }

  function drawHeadline(state) {
    var holder = app.empty(app.byId("headline")), scenario = app.scenario();
    var total = app.data.totals[scenario && state.after ? scenario.name : ""] || app.data.totals[""];
    if (!total) { return; }
    var short = app.shortCount(total), judged = short + app.metCount(total), all = app.data.communities.code.length;
    if (judged) {
      var form = headForm(short, judged, all);
      holder.appendChild(node("strong", "", word(form, { n: app.number(short), number: app.number(form === "map.head.partly" ? judged : all), all: app.number(all) })));
      holder.appendChild(node("span", "", (short && total.people_sum !== null ? word("map.head.people", { n: app.number(total.people_sum, 0) }) : "") + word("map.stop")));
    }
    var said = targetWords(judged), places = worstTownships(total), firsts = firstPlaces();
    if (said) { holder.appendChild(node(judged ? "span" : "strong", "", said)); }
    if (app.data.no_data[0]) { holder.appendChild(node("span", "", word("map.head.no-data", { n: app.number(app.data.no_data[0]), number: app.number(app.data.no_data[1]) }))); }
    if (places.length && app.data.townships.length > 1) { holder.appendChild(node("span", "", word(app.knowsResidents() ? "map.head.townships-people" : "map.head.townships", { name: app.list(places.map(app.townshipName)) }))); }
    if (firsts.length) { holder.appendChild(firstLines(firsts)); }
    [sureBlock()].forEach(function (part) { if (part) { holder.appendChild(part); } });
  }

  function pair(list, name, value) {
    var item = node("div");
    item.appendChild(node("dt", "", name));
    item.appendChild(node("dd", "", value));
    list.appendChild(item);
  }

  /* A line from nothing to all, the figure filled in and the target marked. */
  function gauge(one) {
    if (one.unit !== "%" || one.value === null) { return null; }
    var picture = app.svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "class": "gauge", "aria-hidden": "true" });
    app.svg("rect", { x: 0, y: 2, width: 100, height: 4, fill: "#e3e6e9" }, picture);
    app.svg("rect", { x: 0, y: 2, width: Math.max(0, Math.min(100, one.value)), height: 4, fill: one.status === "met" ? "#3585bf" : "#c9560d" }, picture);
    if (one.target !== null) { app.svg("rect", { x: Math.max(0, Math.min(99, one.target - 0.5)), y: 0, width: 1.2, height: 8, fill: "#111111" }, picture); }
    return picture;
  }

  /* What is missing to a headline target, in the one unit that deficits.csv counts it in; blank where nothing is. */
  function missingOf(one, theme, seen) {
    var found = seen.after && seen.last ? seen.last : null, missing = found ? found.deficit : seen.after && seen.same ? theme.deficit_sum : one.deficit;
    if (app.unknown(missing) || !(missing > 0)) { return ""; }
    if (one.level === "catchment" && !found) { return word("map.stations-to-add", { n: app.number(missing, 0) }); }
    var words = app.missing(theme, missing, found ? found.deficit_unit : one.deficit_unit);
    return one.deficit_unit === "types" && one.short > 1 ? word("map.in-all", { value: words }) : words;
  }

  function card(one, state) {
    var base = app.data.themes[one.theme], theme = app.seen(base), made = node("button", "card");
    var list = node("dl"), last = state.after ? theme.verdicts.find(function (found) { return found.value !== null && app.isWhole(found); }) : null;
    var same = theme.counted === one.level, short = same ? app.shortCount(theme) : one.short, judged = short + (same ? app.metCount(theme) : one.met);
    // where the rule has no verdict on the whole, the figure is the share of units that meet it
    var share = state.after && !one.status && same && judged, now = share ? 100 * (judged - short) / judged : last ? last.value : one.value;
    // no unit is short, but the study as a whole is; or it alone is judged
    var asWhole = one.status === "short" && (!short ? !last : judged === 1 && app.isWhole(one)), people = same && !asWhole ? theme.people_sum : one.people;
    made.type = "button";
    made.setAttribute("aria-pressed", String(app.sameRule(base, state.theme)));
    made.dataset.rule = base.rule;
    made.appendChild(node("strong", "card-title", app.bareTitle(base)));
    var about = node("span", "card-about");
    about.appendChild(node("span", "card-plan", app.data.plans.length > 1 ? app.list(app.alikeOf(base).map(function (other) { return app.planShort(other.plan); })) : app.clauseOf(base)));
    if (one.certainty) { about.appendChild(node("span", "certainty certainty-" + one.certainty, word("status." + one.certainty))); }
    made.appendChild(about);
    var picture = gauge(Object.assign({}, one, { value: now }));
    if (picture) { made.appendChild(picture); }
    pair(list, word("map.card.now"), app.figure(now, one.unit, one.target));
    pair(list, word("map.card.target"), one.target === null ? word("map.card.no-target") : app.figure(one.target, one.unit) + (one.target_year ? word("map.card.year", { n: String(one.target_year) }) : ""));
    // what is counted, where it is not communities
    if (asWhole) {
      pair(list, word("map.card.gap"), word("map.whole-city"));
    } else {
      pair(list, word("map.card.gap") + (one.level === "community" ? "" : " · " + word("status." + one.level)), word("map.of-them", { n: app.number(short), number: app.number(judged) }));
    }
    var missing = missingOf(one, theme, { last: last, same: same, after: state.after });
    if (missing) { pair(list, word("map.deficit"), missing); }
    if (people !== null || app.knowsResidents()) { pair(list, word("map.card.people"), people === null ? word("status.unknown") : app.number(people, 0)); }
    made.appendChild(list);
    if (app.standInWords(theme)) { made.appendChild(node("span", "stand-in", app.standInWords(theme))); }
    if (one.baseline !== null && now !== null) {
      made.appendChild(node("span", "trend", word(app.isReported(base) ? "map.card.trend" : "map.card.trend-measured", { from: app.figure(one.baseline, one.unit), to: app.figure(now, one.unit, one.target) })));
    }
    // what is built first is proposed for things as they are
    if (!state.after) { made.appendChild(node("span", "where", app.firstPlace(base))); }
    made.addEventListener("click", function () { app.choose({ theme: base, community: null, facility: null, township: null }); });
    return made;
  }

  function drawCards(state) {
    var part = app.byId("part-answer"), down = part.scrollTop, held = document.activeElement, focus = held && held.classList.contains("card") ? /** @type {HTMLElement} */ (held).dataset.rule : "";
    var holder = app.empty(app.byId("headline-cards"));
    app.data.headlines.forEach(function (one) { holder.appendChild(card(one, state)); });
    if (app.data.headlines.length && app.knowsResidents()) { holder.appendChild(node("p", "note", word("map.cards-how"))); }
    // the card that was clicked stays where it is, and the keyboard on it
    part.scrollTop = down;
    Array.from(holder.querySelectorAll(".card")).forEach(function (one) { if (focus && /** @type {HTMLElement} */ (one).dataset.rule === focus) { /** @type {HTMLElement} */ (one).focus({ preventScroll: true }); } });
  }

  function drawTitle(state) {
    document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
    document.querySelectorAll("[data-word]").forEach(function (element) { element.textContent = word(/** @type {HTMLElement} */ (element).dataset.word); });
    document.querySelectorAll("[data-label]").forEach(function (element) { element.setAttribute("aria-label", word(/** @type {HTMLElement} */ (element).dataset.label)); });
    document.querySelectorAll("[data-placeholder]").forEach(function (element) { element.setAttribute("placeholder", word(/** @type {HTMLElement} */ (element).dataset.placeholder)); });
    document.title = word("map.title", { name: app.studyTitle() });
    app.byId("page-title").textContent = word("map.title", { name: app.cityName() });
    app.byId("study-note").textContent = app.studyNote();
    app.byId("study-note").hidden = !app.studyNote();
    app.byId("page-subtitle").textContent = word("map.subtitle", { date: app.data.date, n: app.number(app.data.communities.code.length) });
    app.byId("review-number").hidden = app.data.review_number === null;
    app.byId("review-number").textContent = app.data.review_number ? word("map.review-number", { number: app.data.review_number }) : word("map.no-review-number");
    app.byId("review-number").classList.toggle("missing", !app.data.review_number);
    app.byId("print-caption").textContent = word("map.printed", { date: app.data.date, name: app.studyTitle() });
    app.byId("credit").textContent = app.data.basemap ? word("map.basemap-from") + word("map.colon") + app.data.basemap.credit : "";
    drawLanguages(state);
    drawSources();
  }

  function drawLanguages(state) {
    var holder = app.empty(app.byId("languages"));
    Object.keys(app.data.words).forEach(function (lang) {
      var button = node("button", "", app.data.words[lang]["map.language-name"]);
      button.type = "button";
      button.lang = lang;
      button.setAttribute("aria-pressed", String(lang === state.lang));
      button.addEventListener("click", function () { app.choose({ lang: lang }); });
      holder.appendChild(button);
    });
  }

  function drawSources() {
    var list = app.empty(app.byId("source-list"));
    app.data.sources.forEach(function (name) { list.appendChild(node("li", "", name)); });
    app.data.plans.forEach(function (plan) {
      list.appendChild(node("li", "", app.named(plan.title, plan.id) + (plan.issued ? " (" + plan.issued + ")" : "")));
    });
  }

  /* A button that shows the whole study again, however far one has gone into the map. */
  function homeControl() {
    var home = L.control({ position: "topright" });
    home.onAdd = function () {
      var holder = node("div", "leaflet-bar home"), button = node("button", "", "⌂");
      button.type = "button";
      button.title = word("map.home");
      button.setAttribute("aria-label", word("map.home"));
      button.addEventListener("click", function (event) { event.stopPropagation(); app.showAll(); }); // no double tap that would zoom in
      L.DomEvent.disableClickPropagation(holder);
      holder.appendChild(button);
      return holder;
    };
    return home;
  }

  function drawNorth() {
    if (app.north) { app.north.remove(); app.home.remove(); app.zoom.remove(); }
    app.north = L.control({ position: "topright" });
    app.north.onAdd = function () {
      var holder = node("div", "north"), picture = app.svg("svg", { width: 30, height: 38, viewBox: "0 0 30 38", role: "img" });
      picture.setAttribute("aria-label", word("map.north-up"));
      app.svg("path", { d: "M15 1 L24 26 L15 20 Z", fill: "#222222" }, picture);
      app.svg("path", { d: "M15 1 L6 26 L15 20 Z", fill: "#ffffff", stroke: "#222222" }, picture);
      app.svg("text", { x: 15, y: 37, "text-anchor": "middle", "font-size": 11 }, picture).textContent = word("map.north");
      holder.appendChild(picture);
      return holder;
    };
    app.north.addTo(app.map);
    app.home = homeControl().addTo(app.map);
    app.zoom = L.control.zoom({ zoomInTitle: word("map.zoom-in"), zoomOutTitle: word("map.zoom-out"), position: "topright" }).addTo(app.map);
  }

  function drawTabs(state) {
    var holder = app.empty(app.byId("tabs"));
    app.TABS.forEach(function (tab) {
      var button = node("button", "", word("map.tab." + tab));
      button.type = "button";
      button.setAttribute("role", "tab");
      button.setAttribute("aria-selected", String(tab === state.tab));
      button.setAttribute("aria-controls", "part-" + tab);
      button.addEventListener("click", function () { app.choose({ tab: tab, open: tab === "table" ? true : state.open }); });
      holder.appendChild(button);
    });
    document.body.dataset.tab = state.tab;
  }

  app.part("title", ["lang"], drawTitle);
  app.part("north", ["lang"], drawNorth);
  app.part("tabs", ["lang", "tab"], drawTabs);
  app.part("headline", ["lang", "scenario", "after"], drawHeadline);
  app.part("cards", ["lang", "theme", "scenario", "after"], drawCards);
}(lifecircle));
