"use strict";
/* The page's state in one place: parts say what they show of it, and are drawn anew when that changes. */
(function (app) {
  var MEASURES = ["deficit", "people", "value", "minutes"], REMEMBERED = "lifecircle-language", PLACES = ["community", "facility", "township", "spot"];
  var parts = [], told = null;

  app.state = { lang: "zh", theme: null, view: null, measure: "deficit", scenario: null, after: false, community: null, facility: null, township: null, spot: null, site: null, tab: "answer", compare: false, against: null, side: "left", sort: "deficit", down: true, show: "short", sure: "any", least: 0, only: null, open: false };

  /**
   * A part of the page: drawn once at the start, and whenever one of the keys it shows has changed.
   * @param {string} name
   * @param {(keyof State)[]} keys
   * @param {(state: State) => void} draw
   */
  app.part = function (name, keys, draw) { parts.push({ name: name, keys: keys, draw: draw }); };

  /* Draws some parts before the others: those that decide how much room the map has. */
  app.drawParts = function (names) {
    parts.forEach(function (part) { if (names.indexOf(part.name) >= 0) { part.draw(app.state); } });
  };

  /* The rule whose figures panel and table tell: that of the left side, of two the one whose side was chosen. */
  app.toldRule = function () { return app.state.side === "right" && app.state.against ? app.state.against : app.state.theme; };

  /* The same as the map shows it: as things are, or under the scenario chosen. */
  app.told = function () { return told || app.seen(app.toldRule()); };

  /** @param {State} state */
  function settled(state) {
    if (state.measure === "minutes" && !app.hasMinutes(state.theme)) { state.measure = "deficit"; }
    if (state.scenario === null) { state.after = false; }
    if (state.against === state.theme) { state.against = null; }
    if (!state.after && !state.against) { state.compare = false; }
    if (!state.compare) { state.against = null; }
    if (!state.against) { state.side = "left"; }
    if (state.site !== null && app.sitesOf(app.toldRule()).indexOf(app.data.proposals.sites[state.site]) < 0) { state.site = null; }
    state.view = app.seen(state.theme);
    told = app.seen(app.toldRule());
  }

  /* Change any part of the state; `fly` brings the place chosen into view, `all` draws every part, `redraw`
     those that show the keys it names, whose contents are others. */
  app.choose = function (change) {
    var began = performance.now(), state = app.state, before = Object.assign({}, state);
    Object.keys(change).forEach(function (key) { if (key in state && change[key] !== undefined) { state[key] = change[key]; } });
    // a rule chosen anywhere is the left side's
    if (change.theme && change.side === undefined) { state.side = "left"; }
    if (change.community !== undefined && change.community !== null) {
      state.facility = null;
      state.township = app.data.communities.township[change.community];
      if (state.township < 0) { state.township = null; }
    }
    if (change.spot === undefined && ["community", "facility", "township"].some(function (key) { return change[key] !== undefined; })) { state.spot = null; }
    if (change.facility) { state.community = null; }
    if (change.site === undefined && PLACES.some(function (key) { return change[key] !== undefined; })) { state.site = null; }
    if (typeof change.site === "number") { state.community = null; state.facility = null; state.spot = null; }
    if (change.township !== undefined && change.community === undefined) { state.community = null; state.facility = null; }
    settled(state);
    // another rule is looked at as a whole again, unless a place is chosen
    if (!app.sameRule(state.theme, before.theme || state.theme) && PLACES.concat("site").every(function (key) { return state[key] === null; }) && app.showAll && !app.seesAll()) { app.showAll(); }
    var changed = Object.keys(state).filter(function (key) { return state[key] !== before[key]; }).concat(change.redraw || []);
    parts.forEach(function (part) {
      if (change.all || part.keys.some(function (key) { return changed.indexOf(key) >= 0; })) { part.draw(state); }
    });
    if (change.fly) { app.bringIntoView(state); }
    if (state.lang !== before.lang) { remember(state.lang); }
    app.writeAddress();
    app.timing.switched_ms = performance.now() - began;
  };

  app.timing = { ready_ms: 0, switched_ms: 0 };

  /* The language a reader chose last, where the browser lets a file remember. */
  function remember(lang) { try { window.localStorage.setItem(REMEMBERED, lang); } catch (ignored) { /* a page from disk may have no memory */ } }

  app.remembered = function () { try { return window.localStorage.getItem(REMEMBERED); } catch (ignored) { return null; } };

  /**
   * The state that an address asks for; what it does not name is left out.
   * @param {string} hash
   */
  app.readAddress = function (hash) {
    var asked = new URLSearchParams(hash.replace(/^#/, "")), data = app.data, found = {};
    var theme = data.themes.find(function (one) { return app.keyOf(one) === asked.get("rule"); });
    var row = data.communities.code.indexOf(asked.get("community"));
    var township = data.townships.findIndex(function (one) { return one.code === asked.get("township"); });
    var scenario = data.scenarios.findIndex(function (one) { return one.name === asked.get("scenario"); });
    if (theme) { found.theme = theme; }
    found.community = row < 0 ? null : row;
    if (row < 0 && township >= 0) { found.township = township; }
    found.facility = row < 0 ? app.facilityOf(asked.get("facility")) : null;
    found.spot = app.spotOf(asked.get("spot"));
    found.site = row < 0 ? app.siteOf(asked.get("site")) : null;
    var against = data.themes.find(function (one) { return app.keyOf(one) === asked.get("against") && one.level; });
    found.against = against || null;
    found.compare = Boolean(against);
    found.side = against && asked.get("figures") === "right" ? "right" : "left";
    found.measure = MEASURES.indexOf(asked.get("colour")) < 0 ? "deficit" : asked.get("colour");
    found.scenario = scenario < 0 ? null : scenario;
    found.after = scenario >= 0 && asked.get("side") !== "before";
    if (data.words[asked.get("lang")]) { found.lang = asked.get("lang"); }
    if (app.TABS.indexOf(asked.get("panel")) >= 0) { found.tab = asked.get("panel"); }
    return Object.assign(found, readFilters(asked));
  };

  /* A facility written as its service and its id; null for anything else. @param {string | null} words */
  app.facilityOf = function (words) {
    var cut = (words || "").indexOf("/"), service = (words || "").slice(0, cut), layer = cut > 0 && app.data.facilities[service];
    var row = layer ? layer.id.indexOf((words || "").slice(cut + 1)) : -1;
    return row < 0 ? null : { service: service, row: row };
  };

  app.siteKey = function (site) { return [site.plan, site.rule, site.service, site.rank].join("/"); };

  /* A proposed site by what it is of and its rank; null for anything else. @param {string | null} words */
  app.siteOf = function (words) {
    var found = !words ? -1 : app.data.proposals.sites.findIndex(function (site) { return app.siteKey(site) === words; });
    return found < 0 ? null : found;
  };

  /* Columns of the table, and what it can be filtered by: verdicts, and the marks of each certainty. */
  app.COLUMNS = ["name", "township", "status", "deficit", "people", "value", "minutes", "residents"];
  app.SHOWN = ["all", "short", "met"];
  app.SURE = { any: "", firm: "sm", assumed: "tn", provisional: "pq" };

  /* What an address says of the table; what is as usual is not told. @param {URLSearchParams} asked */
  function readFilters(asked) {
    var least = Number(asked.get("least")), sort = (asked.get("sort") || "").replace(/^-/, ""), town = app.data.townships.findIndex(function (one) { return one.code === asked.get("only"); });
    return {
      show: app.SHOWN.indexOf(asked.get("show")) < 0 ? "short" : asked.get("show"), sure: Object.keys(app.SURE).indexOf(asked.get("sure")) < 0 ? "any" : asked.get("sure"), least: least > 0 && isFinite(least) ? least : 0, only: town < 0 ? null : town,
      sort: app.COLUMNS.indexOf(sort) < 0 ? "deficit" : sort, down: app.COLUMNS.indexOf(sort) < 0 || asked.get("sort").charAt(0) === "-", open: asked.get("table") === "open"
    };
  }

  /** @param {State} state */
  function writeFilters(state, asked) {
    if (state.show !== "short") { asked.set("show", state.show); }
    if (state.sure !== "any") { asked.set("sure", state.sure); }
    if (state.least) { asked.set("least", String(state.least)); }
    if (state.only !== null) { asked.set("only", app.data.townships[state.only].code); }
    if (state.sort !== "deficit" || !state.down) { asked.set("sort", (state.down ? "-" : "") + state.sort); }
    if (state.open) { asked.set("table", "open"); }
  }

  /* A place written as two numbers of degrees; null for anything else. */
  app.spotOf = function (words) {
    var parts = (words || "").split(",").map(Number);
    return parts.length === 2 && parts.every(isFinite) && Math.abs(parts[0]) <= 90 && Math.abs(parts[1]) <= 180 ? parts : null;
  };

  app.TABS = ["answer", "rules", "place", "table"];

  app.addressOf = function (state) {
    var asked = new URLSearchParams(), scenario = state.scenario === null ? null : app.data.scenarios[state.scenario];
    asked.set("rule", app.keyOf(state.theme));
    if (state.measure !== "deficit") { asked.set("colour", state.measure); }
    if (scenario) { asked.set("scenario", scenario.name); }
    if (scenario && !state.after) { asked.set("side", "before"); }
    if (state.community !== null) { asked.set("community", app.data.communities.code[state.community]); }
    if (state.community === null && state.township !== null) { asked.set("township", app.data.townships[state.township].code); }
    if (state.facility) { asked.set("facility", state.facility.service + "/" + app.data.facilities[state.facility.service].id[state.facility.row]); }
    if (state.spot) { asked.set("spot", state.spot.join(",")); }
    if (state.site !== null) { asked.set("site", app.siteKey(app.data.proposals.sites[state.site])); }
    if (state.against) { asked.set("against", app.keyOf(state.against)); }
    if (state.side === "right") { asked.set("figures", "right"); }
    // always told: who opens the address may remember another language
    asked.set("lang", state.lang);
    if (state.tab !== "answer") { asked.set("panel", state.tab); }
    writeFilters(state, asked);
    return "#" + asked.toString();
  };

  app.writeAddress = function () {
    var address = app.addressOf(app.state);
    if (address !== window.location.hash) { window.history.replaceState(null, "", address); }
  };
}(lifecircle));
