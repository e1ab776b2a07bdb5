"use strict";
/* The panel of one community: why, the figures beside the township's, gaps by topic, what is nearest, its circle. */
(function (app) {
  var node = app.node, word = app.word, LARGEST = 5;
  var add = app.panel.add, badge = app.panel.badge, clause = app.panel.clause, criterion = app.panel.criterion, heading = app.panel.heading, pair = app.panel.pair;

  /* The figure of an area above communities: its own where it has one, and how many of its communities meet the target. */
  function figureAbove(theme, tally, found) {
    var all = tally && theme.counted === "community" ? app.shortCount(tally) + app.metCount(tally) : 0, own = found && found.value !== null && found.unit === "%" ? app.figure(found.value, found.unit, found.target) : "";
    var met = all ? word("map.met-of", { n: app.number(app.metCount(tally)), number: app.number(all) }) : "";
    return [own, met].filter(Boolean).join(word("map.semicolon")) || word("map.unknown");
  }

  /* The community's figure and its people affected beside its township's and the city's. */
  function beside(theme, row) {
    var made = node("table", "beside"), at = app.data.communities.township[row], of = (theme.townships || {})[at] || null, code = at >= 0 ? app.data.townships[at].code : "";
    var value = app.at(theme.value, row), people = function (count) { return app.unknown(count) ? word("map.unknown") : app.number(Math.round(count), 0); };
    var lines = [
      ["", word("map.this-community"), at >= 0 ? app.townshipName(at) : null, app.cityName()],
      [word("map.value"), app.unknown(value) ? app.statusWords(theme.status[row]) : app.figure(value, theme.unit, app.targetOf(theme, row)), figureAbove(theme, of, theme.verdicts.find(function (one) { return one.level === "township" && one.code === code; })), figureAbove(theme, theme, theme.verdicts.find(app.isWhole))],
      app.knowsResidents() ? [word("map.people-short"), people(app.at(theme.people, row)), people(of && of.people_sum), people(theme.people_sum)] : []
    ];
    lines.forEach(function (cells, line) {
      var shown = node("tr");
      cells.forEach(function (words, place) {
        if (place === 2 && at < 0) { return; }
        var heads = line === 0 || place === 0, cell = node(heads && words ? "th" : "td", "", words);
        if (heads && words) { cell.scope = line ? "row" : "col"; }
        shown.appendChild(cell);
      });
      if (cells.length) { made.appendChild(shown); }
    });
    return made;
  }

  function turnBlock(theme, row) {
    var change = app.changeAt(theme, row);
    if (!change) { return null; }
    var made = node("dl", "figures turn");
    pair(made, app.scenario().title ? app.sideNames().join(" → ") : word("map.before-after"), app.turnWords(change.before, change.after));
    [["value", "map.value", theme.unit], ["deficit", "map.deficit", theme.deficit_unit], ["people", "map.people-short", "persons"]].forEach(function (figure) {
      var before = app.at(theme[figure[0]], row), after = change[figure[0]];
      if (before !== after && after !== null) { pair(made, word(figure[1]), app.figure(before, figure[2]) + " → " + app.figure(after, figure[2])); }
    });
    return made;
  }

  /* The chosen rule here: figure, target, what is missing, what would turn it. */
  function ruleFigures(theme, row) {
    var list = node("dl", "figures"), value = app.at(theme.value, row), target = app.targetOf(theme, row), mark = theme.status[row], people = app.at(theme.people, row);
    if (!app.unknown(value)) { pair(list, word("map.value"), app.figure(value, theme.unit, app.targetOf(theme, row)), "value"); }
    if (!app.unknown(target)) { pair(list, word(mark === "c" ? "map.unit-standard" : "map.target"), app.targetWords(theme, target), "target"); }
    if (app.isShort(mark)) {
      if (!app.unknown(app.at(theme.deficit, row))) { pair(list, word("map.deficit"), app.missing(theme, app.at(theme.deficit, row), theme.deficit_unit), "deficit"); }
      if (!app.unknown(people)) { pair(list, word("map.people-short"), app.number(Math.round(people), 0), "people"); }
    }
    if (app.certaintyWords(mark)) { pair(list, word("map.stands-on"), app.certaintyWords(mark), "certainty"); }
    if (app.at(theme.contribution, row)) { pair(list, word("map.contribution"), app.figure(app.at(theme.contribution, row), theme.unit)); }
    return list;
  }

  function turnsAt(theme, row) {
    var mark = theme.status[row], turns = app.at(theme.turns_at, row);
    if (mark !== "t" && mark !== "n") { return null; }
    return node("p", "turns", turns ? word("map.turns-at", { value: app.settingWords(turns) }) : word("map.turns-nowhere"));
  }

  function gapItem(one, row) {
    var theme = one.theme, item = node("li"), people = app.at(theme.people, row), missing = app.missingServices(theme, row);
    // what several plans ask alike is told once, without the name of one of them
    item.appendChild(app.link(one.plans.length > 1 ? app.bareTitle(theme) : app.themeTitle(theme), function () { app.choose({ theme: app.data.themes[theme.index] }); }));
    item.appendChild(node("span", "amount", app.gapWords(theme, row)));
    var said = [missing.length > 1 ? app.list(missing.map(app.serviceName)) : "", !app.unknown(people) && people > 0 && theme.deficit_unit !== "persons" ? word("map.affects", { n: app.number(Math.round(people), 0) }) : "", app.certaintyWords(theme.status[row]), one.plans.length > 1 ? word("map.in-plans", { n: app.number(one.plans.length) }) : ""];
    item.appendChild(node("small", "", said.filter(Boolean).join(" · ")));
    return item;
  }

  /* The five largest gaps grouped by topic; all others folded. */
  function gapBlock(row) {
    var gaps = app.gapsTold(row), made = node("section", "gaps"), shown = gaps.slice(0, LARGEST), rest = gaps.slice(LARGEST), topics = [], met = app.metHere(row);
    made.appendChild(heading(gaps.length ? word("map.falls-short", { n: app.number(app.requirementsIn(gaps)) }) : word("map.none-here")));
    shown.forEach(function (one) { if (topics.indexOf(app.topicOf(one.theme)) < 0) { topics.push(app.topicOf(one.theme)); } });
    topics.forEach(function (topic) {
      var list = node("ul", "shortfalls");
      made.appendChild(node("h4", "", word("map.topic." + topic)));
      shown.filter(function (one) { return app.topicOf(one.theme) === topic; }).forEach(function (one) { list.appendChild(gapItem(one, row)); });
      made.appendChild(list);
    });
    if (rest.length) {
      var folded = node("details"), others = node("ul", "shortfalls");
      folded.appendChild(node("summary", "", word("map.more-gaps", { n: app.number(app.requirementsIn(rest)) })));
      rest.forEach(function (one) { others.appendChild(gapItem(one, row)); });
      folded.appendChild(others);
      made.appendChild(folded);
    }
    if (met) { made.appendChild(node("p", "note", word("map.others-here", { n: app.number(met) }))); }
    return made;
  }

  /* The nearest facility of every service, those of the rule shown first. */
  function nearestBlock(row) {
    var services = Object.keys(app.data.minutes), own = app.servicesOf(app.toldRule()), made = node("section", "nearest");
    if (!services.length) { return null; }
    services.sort(function (a, b) { return Number(own.indexOf(b) >= 0) - Number(own.indexOf(a) >= 0); });
    var modes = app.modesTold();
    made.appendChild(heading(modes.length > 1 ? word("map.minutes-modes") : word("map.minutes", { mode: app.modeWords() })));
    var table = nearestTable(services.slice(0, Math.max(5, Math.min(own.length, 12))), row), rest = services.slice(Math.max(5, Math.min(own.length, 12)));
    made.appendChild(table);
    if (rest.length) {
      var folded = node("details");
      folded.appendChild(node("summary", "", word("map.more-services", { n: app.number(rest.length) })));
      folded.appendChild(nearestTable(rest, row));
      made.appendChild(folded);
    }
    made.appendChild(node("p", "note", word("map.nearest-note")));
    return made;
  }

  function nearestTable(services, row) {
    var table = node("table"), head = node("tr");
    var modes = app.modesTold(), several = modes.length > 1, medians = several ? modes.map(function (one) { return one.words; }) : [word("map.median"), word("map.unreached")];
    [word("map.service"), word("map.nearest")].concat(medians).forEach(function (words) {
      var cell = node("th", "", words);
      cell.scope = "col";
      head.appendChild(cell);
    });
    table.appendChild(head);
    services.forEach(function (service) {
      var of = app.minutesFor(service), line = node("tr"), name = node("th", "", app.serviceName(service)), cell = node("td", "words"), near = app.nearest(service, row);
      name.scope = "row";
      line.appendChild(name);
      if (near) { cell.appendChild(app.link(near.name, function () { app.choose({ facility: { service: near.service, row: near.row }, fly: true }); })); } else { cell.textContent = word("map.unknown"); }
      line.appendChild(cell);
      (several ? modes.map(function (one) { return one.minutes[service] || {}; }) : [of]).forEach(function (told) {
        var median = app.at(told.p50, row);
        line.appendChild(node("td", "", app.unknown(median) ? word("map.unreached") : app.minutes(median)));
      });
      if (!several) { line.appendChild(node("td", "", app.figure(app.at(of.unreached, row), "share"))); }
      table.appendChild(line);
    });
    return table;
  }

  function circleBlock(row) {
    var circles = app.data.circles;
    if (!circles.shape || !circles.shape[row]) { return null; }
    var made = node("details"), list = node("dl", "figures");
    made.appendChild(node("summary", "", word("map.circle-of", { minutes: app.number(circles.minutes[row]) })));
    pair(list, word("map.reached-street"), app.figure(circles.reached_km[row], "km"));
    pair(list, word("map.left-out"), app.figure(app.at(circles.left_out_share, row), "share"));
    pair(list, word("map.circle-area"), app.number(circles.area_km2[row], 2) + " km²");
    if (circles.tier[row]) { pair(list, word("map.tier"), word("status." + circles.tier[row])); }
    Object.keys(circles.inside).forEach(function (service) { pair(list, app.serviceName(service), app.number(circles.inside[service][row], 0)); });
    made.appendChild(list);
    made.appendChild(node("p", "note", app.roundedWords(circles.off_m)));
    return made;
  }

  /* How far one gets from the place clicked; the figures of the rules start where people live. */
  app.walkBlock = function () {
    var bands = app.walkShown(), made = node("section", "walk"), list = node("dl", "figures");
    if (!app.walkOrigin() || !app.hasNetwork()) { return null; }
    made.appendChild(heading(app.walkWord("map.walk")));
    if (!bands) { made.appendChild(node("p", "note", word("map.walk-none"))); return made; }
    bands.slice().reverse().forEach(function (band) { pair(list, app.figure(band.minutes, "min"), word("map.walk-km", { n: app.number(band.km, 1) })); });
    made.appendChild(list);
    made.appendChild(node("p", "note", word("map.walk-note", { n: app.number(app.data.network.speed_kmh) })));
    return made;
  };

  /* Under which rule a community is told, and where another is chosen: who came by the search has chosen none. */
  function underRule(theme) {
    var made = node("p", "note under-rule", word("map.under-rule", { name: app.ruleTitle(theme) }) + " ");
    made.appendChild(app.link(word("map.other-rule"), function () {
      app.choose({ tab: "rules" });
      app.byId("rule-search").focus();
    }));
    return made;
  }

  app.communityView = function (holder, base, row) {
    var theme = app.seen(base), all = app.data.communities, kind = all.kind[row] ? word("status." + all.kind[row]) + " · " : "";
    var people = app.unknown(all.residents[row]) ? word("map.residents-unknown") : word("map.residents", { n: app.number(all.residents[row], 0) });
    holder.appendChild(node("h2", "", app.sentence(app.communityName(row))));
    holder.appendChild(node("p", "note", kind + (app.communityName(row) === all.code[row] || all.kind[row] === "cell" ? "" : all.code[row] + " · ") + people));
    if (theme.level) { holder.appendChild(node("p", "why why-" + theme.status[row], app.whySentence(theme, row))); }
    holder.appendChild(underRule(theme));
    add(holder, [app.panel.emptyNote(theme)]);
    if (all.edge.indexOf(row) >= 0) { holder.appendChild(node("p", "note warning", word("map.at-edge"))); }
    if (!theme.level) { add(holder, [app.judgedHere(theme, row), clause(theme), app.walkBlock(), gapBlock(row), nearestBlock(row), circleBlock(row), app.countyLink(row)]); return; }
    var now = node("section", "now");
    now.appendChild(heading(app.themeTitle(theme)));
    now.appendChild(badge(theme.status[row]));
    if (theme.level && theme.level !== "community") { now.appendChild(node("p", "note", app.judgedWords(theme.level))); }
    add(now, [turnBlock(base, row), ruleFigures(theme, row), app.standIn(theme), criterion(theme), turnsAt(theme, row), beside(theme, row)]);
    if (app.noteWords(app.at(theme.notes, row))) { now.appendChild(node("p", "note", app.noteWords(app.at(theme.notes, row)))); }
    now.appendChild(clause(theme));
    add(holder, [now, app.walkBlock(), gapBlock(row), nearestBlock(row), circleBlock(row), app.countyLink(row)]);
  };
}(lifecircle));
