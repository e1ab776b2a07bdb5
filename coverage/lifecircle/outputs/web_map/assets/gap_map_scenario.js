"use strict";
/* Before and after: a scenario laid over the findings, its chooser, what turns met, and what it builds. */
(function (app) {
  var node = app.node, word = app.word, MOST = 40;

  app.scenario = function () {
    var chosen = app.state.scenario;
    return chosen === null ? null : app.data.scenarios[chosen];
  };

  /* A scenario's name; a further mode of travel has one in each language. */
  app.scenarioName = function (scenario) { return scenario.title ? scenario.title[app.state.lang] : scenario.name; };

  /* What the two sides of a comparison are called: before and after, or the two modes. */
  app.sideNames = function () {
    var scenario = app.scenario();
    return scenario && scenario.title ? [scenario.title_before[app.state.lang], app.scenarioName(scenario)] : [word("map.before"), word("map.after")];
  };

  function changeOf(theme) {
    var scenario = app.scenario();
    return scenario ? scenario.themes.find(function (entry) { return entry.theme === theme.index; }) : undefined;
  }

  function changed(values, length, rows, after) {
    if (!values.length && after.every(function (value) { return value === null; })) { return values; }
    var copy = values.length ? values.slice() : new Array(length).fill(null);
    rows.forEach(function (row, at) { copy[row] = after[at]; });
    return copy;
  }

  /* What is found of facilities one by one, as the scenario leaves them: `above` tells those that change by their ids. */
  function facilitiesAfter(theme, above) {
    var about = theme.facilities, turned = {}, after;
    above.forEach(function (one) { if (one.level === "facility" || one.level === "catchment") { turned[one.code] = one; } });
    if (!about.row || !Object.keys(turned).length) { return about; }
    after = Object.assign({}, about, { value: about.value.slice(), deficit: about.deficit.slice(), people: about.people.slice() });
    after.status = about.row.map(function (row, at) {
      var change = turned[app.data.facilities[about.services[about.service[at]]].id[row]];
      if (!change) { return about.status.charAt(at); }
      ["value", "deficit", "people"].forEach(function (measure) { after[measure][at] = change[measure]; });
      return change.status || "-";
    }).join("");
    return after;
  }

  /* A theme as the map shows it: as things are, or under the scenario chosen. */
  app.seen = function (theme) {
    var change = app.state.after ? changeOf(theme) : undefined;
    if (!change) { return theme; }
    if (!change.seen) {
      var marks = theme.status.split(""), length = marks.length;
      change.row.forEach(function (row, at) { marks[row] = change.status.charAt(at); });
      change.seen = Object.assign({}, theme, { status: marks.join(""), counts: change.counts, people_sum: change.people_sum, deficit_sum: change.deficit_sum, townships: change.townships });
      ["value", "deficit", "people"].forEach(function (measure) {
        change.seen[measure] = changed(theme[measure] || [], length, change.row, change[measure]);
      });
      change.seen.facilities = facilitiesAfter(theme, change.above || []);
      change.seen.verdicts = theme.verdicts.map(function (found) {
        var turned = (change.above || []).find(function (one) { return one.code === found.code && one.level === found.level; });
        return turned ? Object.assign({}, found, turned) : found;
      });
    }
    return change.seen;
  };

  /* What a community is and becomes under the scenario chosen; null where nothing changes. */
  app.changeAt = function (theme, row) {
    var change = changeOf(theme), at = change ? change.row.indexOf(row) : -1;
    if (at < 0) { return null; }
    return { before: theme.status[row], after: change.status.charAt(at), value: change.value[at], deficit: change.deficit[at], people: change.people[at] };
  };

  function turnedRows(theme) {
    var change = changeOf(theme);
    return change ? change.row.filter(function (row, at) { return app.isMet(change.status.charAt(at)) && app.isShort(theme.status[row]); }) : [];
  }

  function fillScenarios() {
    var section = document.getElementById("scenario-section"), select = app.empty(document.getElementById("scenario-select"));
    section.hidden = !app.data.scenarios.length;
    if (section.hidden) { return; }
    var modes = app.data.scenarios.filter(function (one) { return one.title; }), alone = modes.length === app.data.scenarios.length;
    var label = section.querySelector("label");
    label.dataset.word = !modes.length ? "map.scenario" : alone ? "map.modes" : "map.scenario-or-mode";
    label.textContent = word(label.dataset.word);
    [null].concat(app.data.scenarios).forEach(function (scenario, place) {
      var option = node("option", "", scenario ? app.scenarioName(scenario) : alone ? modes[0].title_before[app.state.lang] : word("map.as-things-are"));
      option.value = place - 1;
      option.selected = place - 1 === (app.state.scenario === null ? -1 : app.state.scenario);
      select.appendChild(option);
    });
    fillSides();
    fillOutcome();
  }

  function fillSides() {
    var holder = app.empty(document.getElementById("scenario-sides"));
    holder.hidden = app.state.scenario === null;
    app.sideNames().forEach(function (words, at) {
      var button = node("button", "", words), after = at === 1;
      button.type = "button";
      button.setAttribute("aria-pressed", String(app.state.after === after));
      button.addEventListener("click", function () { app.choose({ after: after }); holder.children[at].focus(); });
      holder.appendChild(button);
    });
    if (holder.hidden) { return; }
    var both = node("button", "", word(app.scenario().title ? "map.swipe-modes" : "map.swipe"));
    both.type = "button";
    both.setAttribute("aria-pressed", String(app.state.compare));
    both.addEventListener("click", function () { app.choose({ compare: !app.state.compare || app.state.against !== null, against: null, after: true }); });
    holder.appendChild(both);
  }

  function built(scenario) {
    var said = [];
    [["added", "map.facilities-added"], ["closed", "map.facilities-closed"], ["opened_m", "map.streets-opened"], ["closed_m", "map.streets-closed"]].forEach(function (pair) {
      if (scenario[pair[0]]) { said.push(word(pair[1], { n: app.number(scenario[pair[0]], 0) })); }
    });
    return said.join(" · ");
  }

  function link(words, act) {
    var item = node("li"), go = node("button", "link");
    go.type = "button";
    go.appendChild(node("bdi", "", words));
    go.addEventListener("click", act);
    item.appendChild(go);
    return item;
  }

  /* The rule shown: communities that turn met. Then the other rules under which any does, and areas above. */
  function fillOutcome() {
    var holder = app.empty(document.getElementById("scenario-outcome")), scenario = app.scenario(), theme = app.state.theme;
    if (!scenario) { return; }
    holder.appendChild(node("p", "note", built(scenario)));
    holder.appendChild(node("p", "outcome", word(scenario.title ? "map.turned-by-mode" : "map.turned", { n: app.number(scenario.turned_met, 0), number: app.number(scenario.turned_short, 0) })));
    if (scenario.kept) { holder.appendChild(node("p", "note", word("map.kept", { n: app.number(scenario.kept, 0) }))); }
    var rows = turnedRows(theme), list = node("ul", "turned");
    var change = changeOf(theme);
    if (!scenario.title && app.rule(theme).cutoff && (!change || change.newly_reached === 0)) { holder.appendChild(node("p", "note", word("map.newly-none"))); }
    if (change && !app.unknown(change.newly_reached) && change.newly_reached > 0) { holder.appendChild(node("p", "outcome", word("map.newly-reached", { n: app.number(change.newly_reached, 0) }))); }
    rows.slice(0, MOST).forEach(function (row) {
      list.appendChild(link(app.communityName(row), function () { app.choose({ community: row, fly: true }); }));
    });
    if (rows.length) {
      holder.appendChild(node("h3", "", word("map.turned-here", { n: app.number(rows.length) })));
      holder.appendChild(list);
    } else { holder.appendChild(node("p", "note", word("map.none-turned"))); }
    var others = scenario.themes.filter(function (entry) { return entry.turned_met && entry.theme !== theme.index; });
    others.sort(function (a, b) { return b.turned_met - a.turned_met; });
    if (others.length || scenario.above.length) { holder.appendChild(othersBlock(others, scenario.above)); }
  }

  function othersBlock(others, above) {
    var made = node("details"), list = node("ul", "turned");
    made.appendChild(node("summary", "", word("map.turned-elsewhere")));
    others.slice(0, MOST).forEach(function (entry) {
      var other = app.data.themes[entry.theme], item = link(app.themeTitle(other), function () { app.choose({ theme: other }); });
      item.appendChild(node("span", "amount", app.number(entry.turned_met)));
      list.appendChild(item);
    });
    above.slice(0, MOST).forEach(function (entry) {
      var item = node("li");
      item.appendChild(node("span", "", word("status." + entry.level) + " "));
      item.appendChild(node("bdi", "", entry.name));
      item.appendChild(node("span", "", " · " + app.themeTitle(app.data.themes[entry.theme]) + word("map.colon") + app.turnWords(entry.before, entry.after)));
      list.appendChild(item);
    });
    made.appendChild(list);
    return made;
  }

  /* Another rule beside the one shown: the headline targets first, then topic by topic; the map is divided between the two. */
  function fillAgainst(state) {
    var select = app.empty(app.byId("against-select")), told = app.data.headlines.map(function (one) { return app.data.themes[one.theme]; });
    var first = told.filter(function (theme, at) { return told.findIndex(function (other) { return app.sameRule(other, theme); }) === at; });
    var all = app.data.themes.filter(function (theme) { return app.verdictOf(theme) === theme && (theme.level || app.isJudged(theme)) && !first.some(function (one) { return app.sameRule(one, theme); }); });
    app.byId("against-section").hidden = first.concat(all).length < 2;
    select.appendChild(app.option("", word("map.against-none"), !state.against));
    addGroup(select, word("map.headline-group"), first, state);
    app.data.topics.forEach(function (topic) { addGroup(select, word("map.topic." + topic), all.filter(function (theme) { return app.topicOf(theme) === topic; }), state); });
  }

  /* One topic of the list to choose from; the rule of the left side stands in it, but is no choice. */
  function addGroup(select, words, themes, state) {
    var group = node("optgroup");
    group.label = words;
    themes.forEach(function (theme) {
      var same = app.sameRule(theme, state.theme), option = app.option(String(theme.index), app.ruleTitle(theme) + (same ? word("map.bracketed", { name: word("map.side.left") }) : ""), Boolean(state.against) && app.sameRule(state.against, theme));
      option.disabled = same;
      group.appendChild(option);
    });
    if (themes.length) { select.appendChild(group); }
  }

  app.part("against", ["lang", "theme", "against"], fillAgainst);
  app.part("scenario", ["scenario", "after", "theme", "lang", "compare", "against"], fillScenarios);

  app.turnWords = function (before, after) { return app.statusWords(before) + " → " + app.statusWords(after); };

  app.wireScenario = function () {
    app.byId("against-select").addEventListener("change", function (event) {
      var place = /** @type {HTMLSelectElement} */ (event.target).value;
      app.choose({ against: place === "" ? null : app.data.themes[Number(place)], compare: place !== "" });
    });
    document.getElementById("scenario-select").addEventListener("change", function (event) {
      var place = Number(/** @type {HTMLSelectElement} */ (event.target).value);
      app.choose({ scenario: place < 0 ? null : place, after: place >= 0 });
    });
  };

  app.sitePicture = function (change) {
    var added = change !== "closed", picture = app.svg("svg", { width: 22, height: 22, viewBox: "0 0 22 22" });
    app.svg("circle", { cx: 11, cy: 11, r: 9, fill: added ? "#f7e225" : "#ffffff", stroke: "#111111", "stroke-width": 2 }, picture);
    app.svg("path", { d: added ? "M11 6 V16 M6 11 H16" : "M7 7 L15 15 M15 7 L7 15", stroke: "#111111", "stroke-width": 2.4, fill: "none" }, picture);
    return picture;
  };

  /* A facility's name and what it offers, several services side by side. */
  function siteWords(site) {
    var services = site.service.split(/;\s*/).filter(Boolean).map(app.serviceName);
    return [site.name].concat(services).filter(Boolean).join(" · ");
  }

  /* Communities whose status under a rule the scenario changes, and whether it becomes met. */
  function turningRows(theme) {
    var change = changeOf(theme), rows = change ? change.row.map(function (row, at) { return { row: row, after: change.status.charAt(at) }; }) : [];
    return rows.filter(function (one) { return one.after !== theme.status[one.row]; }).map(function (one) { return { row: one.row, met: app.isMet(one.after) }; });
  }

  /* Communities whose verdict the scenario turns, each under the rule of its half of the map. */
  function turnsShown() {
    return [].concat.apply([], app.halves(app.map.getSize()).map(function (half) {
      return turningRows(half.rule).filter(function (turn) { return app.halfAt(app.placeOfRow(turn.row)).from === half.from; });
    }));
  }

  /* Which frames are drawn, for the legend: of those that turn met, and of the others. */
  app.turnsDrawn = function () { return turnsShown().map(function (turn) { return turn.met; }); };

  /* Facilities and streets of the scenario chosen, and a frame around every community whose status turns. */
  app.drawScenario = function (layer) {
    layer.clearLayers();
    var scenario = app.scenario();
    if (!scenario) { return; }
    turnsShown().forEach(function (turn) {
      layer.addLayer(L.polygon(app.shapes[turn.row].getLatLngs(), { pane: "outline", fill: false, color: "#111111", weight: 2.6, dashArray: turn.met ? null : "2 5", interactive: false }));
    });
    Object.keys(scenario.streets).forEach(function (kind) {
      layer.addLayer(L.polyline(app.lines(scenario.streets[kind], app.data.origin), { pane: "chosen", color: kind === "street-opened" ? "#0d559c" : "#7f2c04", weight: 5, dashArray: kind === "street-opened" ? null : "3 7", interactive: false }));
    });
    scenario.sites.forEach(function (site) {
      var marker = L.marker(app.place(site.x, site.y, app.data.origin), { pane: "sites", interactive: true, keyboard: false, icon: L.divIcon({ className: "site", html: app.sitePicture(site.change), iconSize: [22, 22] }) });
      marker.bindTooltip(node("span", "", word("map.site." + site.change) + word("map.colon") + siteWords(site)));
      marker.on("click", function () { app.clicked(marker.getLatLng(), null); });
      layer.addLayer(marker);
    });
  };
}(lifecircle));
