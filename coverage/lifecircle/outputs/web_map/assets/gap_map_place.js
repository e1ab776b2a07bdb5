"use strict";
/* The docked panel: the city under a rule, a township, a community or a facility. Built of nodes, never of markup. */
(function (app) {
  var node = app.node, word = app.word, FEW = 10, LARGEST = 5;

  function badge(mark) { return node("span", "badge badge-" + (mark === "-" ? "none" : mark), app.statusWords(mark)); }

  /* A name and its figure; `about` says which one it is. */
  function pair(list, name, value, about) {
    var shown = node("dd", "", value);
    if (about) { shown.dataset.figure = about; }
    list.appendChild(node("dt", "", name));
    list.appendChild(shown);
  }

  /* A facility's name, or its id where it has none. @param {{ service: string, row: number }} one */
  app.facilityName = function (one) {
    var layer = app.data.facilities[one.service];
    return layer.name[one.row] || layer.id[one.row];
  };

  function heading(words) { return node("h3", "", words); }

  function add(holder, parts) { parts.forEach(function (part) { if (part) { holder.appendChild(part); } }); }

  /* City, topic, rule, township, community: each leads back. */
  function drawCrumbs(state) {
    var holder = app.empty(app.byId("crumbs")), theme = state.theme, trail = [];
    trail.push([app.cityName(), { community: null, facility: null, township: null }]);
    trail.push([word("map.topic." + app.topicOf(theme)), { community: null, facility: null, township: null, tab: "rules" }]);
    trail.push([app.ruleTitle(theme), { community: null, facility: null, township: null }]);
    if (state.township !== null) { trail.push([app.townshipName(state.township), { township: state.township, community: null, facility: null }]); }
    if (state.community !== null) { trail.push([app.communityName(state.community), null]); }
    if (state.facility) { trail.push([app.facilityName(state.facility), null]); }
    trail.forEach(function (step, at) {
      if (at) { holder.appendChild(node("span", "sign", "›")); }
      if (at === trail.length - 1 || !step[1]) { holder.appendChild(node("span", "here", step[0])); return; }
      holder.appendChild(app.link(step[0], function () {
        var change = Object.assign({}, step[1]);
        if (change.township !== undefined && change.community === null) { delete change.community; delete change.facility; }
        app.choose(change);
      }));
    });
  }

  /* The services of a rule as a row of small buttons: each colours the map by itself. */
  function serviceChooser(theme) {
    var all = app.data.themes.filter(function (other) { return app.sameRule(other, theme); });
    if (all.length < 2) { return null; }
    var made = node("div", "chips");
    all.forEach(function (other) {
      var words = other.service ? app.serviceName(other.service) : word("map.verdict"), short = app.shortCount(app.seen(other));
      var go = app.link(words + (short ? " " + app.number(short) : ""), function () { app.choose({ theme: other }); }, "chip");
      go.setAttribute("aria-pressed", String(other.index === app.state.theme.index));
      made.appendChild(go);
    });
    return made;
  }

  function targetLine(theme) {
    var parts = [], target = Array.isArray(theme.target) ? null : theme.target;
    if (!app.unknown(target)) { parts.push(word("map.target") + word("map.colon") + app.targetWords(theme, target)); }
    if (theme.year) { parts.push(word("map.by-year", { n: String(theme.year) })); }
    if (theme.scope) { parts.push(word("status." + theme.scope)); }
    if (theme.responsible) { parts.push(word("map.responsible", { name: theme.responsible })); }
    return parts.length ? node("p", "note", app.sentence(parts.join(" · "))) : null;
  }

  /* What the whole lacks: communities short where they are what it counts. */
  function unitsShort(theme, found) {
    if (found.deficit_unit === "units" && theme.level === "community") { return word("map.units-short", { n: app.number(found.deficit, 0) }); }
    return word("map.still-lacks", { value: app.figure(found.deficit, found.deficit_unit) });
  }

  /* Verdicts above communities, the study as a whole first: status, figure, what is due by now; all but the first few folded. */
  function wideVerdicts(theme, limit) {
    var shown = theme.verdicts.filter(function (found) { return found.level !== "facility" && found.level !== "catchment"; });
    shown = shown.filter(app.isWhole).concat(shown.filter(function (found) { return !app.isWhole(found); }));
    if (!shown.length) { return null; }
    var made = node("div"), folded = node("details");
    made.appendChild(verdictList(theme, shown.slice(0, limit)));
    if (shown.length > limit) {
      folded.appendChild(node("summary", "", word("map.more-gaps", { n: app.number(shown.length - limit) })));
      folded.appendChild(verdictList(theme, shown.slice(limit)));
      made.appendChild(folded);
    }
    return made;
  }

  function verdictList(theme, shown) {
    var list = node("ul", "verdicts");
    shown.forEach(function (found) {
      var item = node("li", "verdict"), parts = [];
      item.appendChild(node("strong", "", found.name && !app.isWhole(found) ? found.name : word("map.whole-city")));
      item.appendChild(badge(found.status));
      if (found.value !== null) { parts.push(word("map.now-is", { value: app.figure(found.value, found.unit) })); }
      if (app.isShort(found.status) && found.deficit !== null) { parts.push(unitsShort(theme, found)); }
      if (!app.unknown(found.baseline) && !app.unknown(found.target)) { parts.push(word("map.from-baseline", { from: app.figure(found.baseline, found.unit), to: app.figure(found.target, found.unit) })); }
      if (parts.length) { item.appendChild(node("span", "", app.sentence(parts.join(word("map.semicolon"))))); }
      if (app.noteWords(found.note)) { item.appendChild(node("p", "note", app.noteWords(found.note))); }
      list.appendChild(item);
    });
    return list;
  }

  /* The threshold used where it is ours and not the plan's. */
  function criterion(theme) { return theme.criterion ? node("p", "note", word("map.criterion", { value: app.criterionWords(theme.criterion) })) : null; }

  function clause(theme) {
    var rule = app.rule(theme), made = node("details", "clause");
    made.appendChild(node("summary", "", word("map.clause") + word("map.colon") + app.planAndClause(theme)));
    made.appendChild(node("blockquote", "", rule.quote || ""));
    if (theme.assumptions.length) { made.appendChild(node("p", "note", word("map.assumptions") + (app.state.lang === "zh" ? "" : " ") + assumed(theme.assumptions))); }
    return made;
  }

  /* What stands over the communities that fall short: nobody knows which lacks most where figures are missing. */
  function worstWords(theme) {
    return word((theme.deficit || []).some(function (missing) { return !app.unknown(missing); }) ? "map.worst" : "map.show.short");
  }

  function communityList(rows, theme, limit) {
    var list = node("ol", "worst");
    rows.slice(0, limit).forEach(function (row) {
      var item = node("li"), people = app.at(theme.people, row);
      item.appendChild(app.link(app.communityName(row), function () { app.choose({ community: row, fly: true, tab: "place" }); }));
      if (!app.unknown(app.at(theme.deficit, row))) { item.appendChild(node("span", "amount", app.gapWords(theme, row))); }
      if (!app.unknown(people) && theme.deficit_unit !== "persons") { item.appendChild(node("small", "", word("map.affects", { n: app.number(Math.round(people), 0) }))); }
      list.appendChild(item);
    });
    if (!rows.length) { list.appendChild(node("li", "note", word("map.none-short"))); }
    if (rows.length > limit) {
      var more = app.link(word("map.show-all", { n: app.number(rows.length) }), function () { list.replaceWith(communityList(rows, theme, rows.length)); }, "more");
      var holder = node("li");
      holder.appendChild(more);
      list.appendChild(holder);
    }
    return list;
  }

  /* Assumptions as the findings name them (`mode=walk; covered_share=0.9`), each once and in words. */
  function assumed(told) {
    return app.list(Array.from(new Set(told.join("; ").split("; "))).map(function (one) { return one.indexOf("mode=") === 0 ? app.modeWords() : app.settingWords(one); }));
  }

  function peopleLine(theme, short) {
    if (!short) { return null; }
    return node("p", "people", app.unknown(theme.people_sum) ? word("map.people-unknown") : word("map.people-affected", { n: app.number(Math.round(theme.people_sum), 0) }));
  }

  function cityView(holder, theme) {
    var short = app.shortCount(theme), judged = short + app.metCount(theme);
    holder.appendChild(node("h2", "", app.ruleTitle(theme)));
    if (judged && theme.counted === "community") { holder.appendChild(node("p", "verdict-line", app.sentence(word(short ? "map.city-line" : "map.city-line-met", { name: word(short ? "status.short" : "status.met"), n: app.number(short), number: app.number(judged) })))); }
    add(holder, [peopleLine(theme, short), targetLine(theme), criterion(theme), serviceChooser(theme), wideVerdicts(theme, 4), app.whereNext(theme)]);
    // a rule judged at the whole alone has no communities that are short of it
    if (theme.level === "community" && judged) {
      holder.appendChild(heading(worstWords(theme)));
      holder.appendChild(communityList(app.shortRows(theme), theme, FEW));
    }
    var bars = app.townshipBars(theme);
    if (bars) { add(holder, [heading(word("map.by-township")), bars]); }
    add(holder, [app.histogram(theme), clause(theme)]);
  }

  function townshipView(holder, theme, at) {
    var of = (theme.townships || {})[at] || { counts: {}, people_sum: null }, short = app.shortCount(of), total = app.data.totals[""] && app.data.totals[""].townships[at];
    holder.appendChild(node("h2", "", app.townshipName(at)));
    if (short + app.metCount(of)) { holder.appendChild(node("p", "verdict-line", word("map.township-line", { name: app.ruleTitle(theme), n: app.number(short), number: app.number(short + app.metCount(of)) }))); }
    add(holder, [peopleLine(of, short)]);
    if (total) { holder.appendChild(node("p", "note", word("map.township-all", { n: app.number(app.shortCount(total)), number: app.number(app.shortCount(total) + app.metCount(total) + app.counted(total, "darc")) }))); }
    holder.appendChild(heading(worstWords(theme)));
    holder.appendChild(communityList(app.shortRows(theme, at), theme, FEW));
    var code = app.data.townships[at].code, list = node("ul", "verdicts");
    app.data.themes.forEach(function (base) {
      var other = app.seen(base), found = other.verdicts.find(function (one) { return one.level === "township" && one.code === code; });
      if (!found || !app.isShort(found.status) || app.verdictOf(base) !== base) { return; }
      var item = node("li", "verdict");
      item.appendChild(app.link(app.ruleTitle(base), function () { app.choose({ theme: base }); }));
      if (found.deficit !== null) { item.appendChild(node("span", "amount", word("map.still-lacks", { value: app.figure(found.deficit, found.deficit_unit) }))); }
      list.appendChild(item);
    });
    if (list.childNodes.length) { add(holder, [heading(word("map.township-itself")), list]); }
  }

  /* The figure of an area above communities: its own where it has one, and how many of its communities meet the target. */
  function figureAbove(theme, tally, found) {
    var all = tally ? app.shortCount(tally) + app.metCount(tally) : 0, own = found && found.value !== null && found.unit === "%" ? app.figure(found.value, found.unit) : "";
    var met = all ? word("map.met-of", { n: app.number(app.metCount(tally)), number: app.number(all) }) : "";
    return [own, met].filter(Boolean).join(word("map.semicolon")) || word("map.unknown");
  }

  /* The community's figure and its people affected beside its township's and the city's. */
  function beside(theme, row) {
    var made = node("table", "beside"), at = app.data.communities.township[row], of = (theme.townships || {})[at] || null, code = at >= 0 ? app.data.townships[at].code : "";
    var value = app.at(theme.value, row), people = function (count) { return app.unknown(count) ? word("map.unknown") : app.number(Math.round(count), 0); };
    var lines = [
      ["", word("map.this-community"), at >= 0 ? app.townshipName(at) : null, app.cityName()],
      [word("map.value"), app.unknown(value) ? app.statusWords(theme.status[row]) : app.figure(value, theme.unit), figureAbove(theme, of, theme.verdicts.find(function (one) { return one.level === "township" && one.code === code; })), figureAbove(theme, theme, theme.verdicts.find(app.isWhole))],
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
    if (!app.unknown(value)) { pair(list, word("map.value"), app.figure(value, theme.unit), "value"); }
    if (!app.unknown(target)) { pair(list, word("map.target"), app.targetWords(theme, target), "target"); }
    if (app.isShort(mark)) {
      if (!app.unknown(app.at(theme.deficit, row))) { pair(list, word("map.deficit"), app.figure(app.at(theme.deficit, row), theme.deficit_unit), "deficit"); }
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
    item.appendChild(app.link(app.ruleTitle(theme), function () { app.choose({ theme: app.data.themes[theme.index] }); }));
    item.appendChild(node("span", "amount", app.gapWords(theme, row)));
    var said = [missing.length > 1 ? app.list(missing.map(app.serviceName)) : "", !app.unknown(people) && people > 0 && theme.deficit_unit !== "persons" ? word("map.affects", { n: app.number(Math.round(people), 0) }) : "", app.certaintyWords(theme.status[row]), one.plans.length > 1 ? word("map.in-plans", { n: app.number(one.plans.length) }) : ""];
    item.appendChild(node("small", "", said.filter(Boolean).join(" · ")));
    return item;
  }

  /* The five largest gaps grouped by topic; all others folded. */
  function gapBlock(row) {
    var gaps = app.gapsTold(row), made = node("section", "gaps"), shown = gaps.slice(0, LARGEST), rest = gaps.slice(LARGEST), topics = [], met = 0;
    made.appendChild(heading(gaps.length ? word("map.falls-short", { n: app.number(gaps.length) }) : word("map.none-here")));
    shown.forEach(function (one) { if (topics.indexOf(app.topicOf(one.theme)) < 0) { topics.push(app.topicOf(one.theme)); } });
    topics.forEach(function (topic) {
      var list = node("ul", "shortfalls");
      made.appendChild(node("h4", "", word("map.topic." + topic)));
      shown.filter(function (one) { return app.topicOf(one.theme) === topic; }).forEach(function (one) { list.appendChild(gapItem(one, row)); });
      made.appendChild(list);
    });
    if (rest.length) {
      var folded = node("details"), others = node("ul", "shortfalls");
      folded.appendChild(node("summary", "", word("map.more-gaps", { n: app.number(rest.length) })));
      rest.forEach(function (one) { others.appendChild(gapItem(one, row)); });
      folded.appendChild(others);
      made.appendChild(folded);
    }
    app.data.themes.forEach(function (base) { if (base.level === "community" && app.verdictOf(base) === base && app.isMet(app.seen(base).status[row])) { met += 1; } });
    if (met) { made.appendChild(node("p", "note", word("map.others-here", { n: app.number(met) }))); }
    return made;
  }

  /* The nearest facility of every service, those of the rule shown first. */
  function nearestBlock(row) {
    var services = Object.keys(app.data.minutes), own = app.servicesOf(app.state.theme), made = node("section", "nearest");
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
  function walkBlock() {
    var bands = app.walkShown(), made = node("section", "walk"), list = node("dl", "figures");
    if (!app.state.spot || !app.hasNetwork()) { return null; }
    made.appendChild(heading(word("map.walk")));
    if (!bands) { made.appendChild(node("p", "note", word("map.walk-none"))); return made; }
    bands.slice().reverse().forEach(function (band) { pair(list, app.figure(band.minutes, "min"), word("map.walk-km", { n: app.number(band.km, 1) })); });
    made.appendChild(list);
    made.appendChild(node("p", "note", word("map.walk-note", { n: app.number(app.data.network.speed_kmh) })));
    return made;
  }

  function communityView(holder, base, row) {
    var theme = app.seen(base), all = app.data.communities, kind = all.kind[row] ? word("status." + all.kind[row]) + " · " : "";
    var people = app.unknown(all.residents[row]) ? word("map.residents-unknown") : word("map.residents", { n: app.number(all.residents[row], 0) });
    holder.appendChild(node("h2", "", app.communityName(row)));
    holder.appendChild(node("p", "note", kind + (app.communityName(row) === all.code[row] ? "" : all.code[row] + " · ") + people));
    var why = node("p", "why why-" + theme.status[row], app.whySentence(theme, row));
    holder.appendChild(why);
    if (all.edge.indexOf(row) >= 0) { holder.appendChild(node("p", "note warning", word("map.at-edge"))); }
    var now = node("section", "now");
    now.appendChild(heading(app.themeTitle(theme)));
    now.appendChild(badge(theme.status[row]));
    if (theme.level && theme.level !== "community") { now.appendChild(node("p", "note", word("map.judged-at", { level: word("status." + theme.level) }))); }
    add(now, [turnBlock(base, row), ruleFigures(theme, row), criterion(theme), turnsAt(theme, row), beside(theme, row)]);
    if (app.noteWords(app.at(theme.notes, row))) { now.appendChild(node("p", "note", app.noteWords(app.at(theme.notes, row)))); }
    now.appendChild(clause(theme));
    add(holder, [now, walkBlock(), gapBlock(row), nearestBlock(row), circleBlock(row)]);
  }

  function facilityView(holder, service, row) {
    var layer = app.data.facilities[service], list = node("dl", "figures");
    holder.appendChild(node("h2", "", app.facilityName({ service: service, row: row })));
    holder.appendChild(node("p", "note", app.serviceName(service) + " · " + layer.id[row]));
    if (layer.closed.indexOf(row) >= 0) { holder.appendChild(node("p", "note warning", word("map.not-public"))); }
    if (layer.community[row] >= 0) { pair(list, word("map.lies-in"), app.communityName(layer.community[row])); }
    if (layer.capacity && layer.capacity[row] !== null) { pair(list, word("map.capacity"), app.number(layer.capacity[row])); }
    if (layer.load && layer.load[row] !== null) { pair(list, word("map.load"), app.number(Math.round(layer.load[row]), 0)); }
    holder.appendChild(list);
    facilityRules(service, row).forEach(function (part) { holder.appendChild(part); });
  }

  /* Every rule that judges this facility or its catchment, the one shown first, those short before those met. */
  function facilityRules(service, row) {
    var id = app.data.facilities[service].id[row], found = [];
    app.data.themes.map(app.seen).forEach(function (theme) {
      (theme.facilities.services || []).forEach(function (other) {
        var seat = other === service ? row : app.data.facilities[other].id.indexOf(id);
        var finding = seat < 0 ? null : app.facilityFinding(theme, other, seat);
        if (finding) { found.push([theme, finding]); }
      });
    });
    function weight(entry) { return (entry[0] === app.state.view ? 0 : 20) + "stpdmnqrac".indexOf(entry[1].status); }
    found.sort(function (a, b) { return weight(a) - weight(b); });
    return found.map(function (entry) { return facilityRule(entry[0], entry[1]); });
  }

  function facilityRule(theme, finding) {
    var made = node("section", "now"), list = node("dl", "figures");
    made.appendChild(heading(app.themeTitle(theme)));
    made.appendChild(badge(finding.status));
    if (finding.value !== null) { pair(list, word(finding.level === "catchment" ? "map.load-now" : "map.value"), app.figure(finding.value, finding.unit)); }
    if (finding.target !== null) { pair(list, word("map.target"), app.targetWords(theme, finding.target, finding.unit)); }
    if (app.isShort(finding.status)) { pair(list, word("map.deficit"), app.figure(finding.deficit, finding.deficit_unit)); }
    if (app.isShort(finding.status) && finding.people !== null) { pair(list, word("map.people-short"), app.number(Math.round(finding.people), 0)); }
    made.appendChild(list);
    if (app.noteWords(finding.note)) { made.appendChild(node("p", "note", app.noteWords(finding.note))); }
    return made;
  }

  function draw(state) {
    var holder = app.empty(app.byId("place"));
    app.byId("part-place").scrollTop = 0;
    if (state.facility) { facilityView(holder, state.facility.service, state.facility.row); return; }
    if (state.community !== null) { communityView(holder, state.theme, state.community); return; }
    if (state.township !== null) { townshipView(holder, state.view, state.township); return; }
    add(holder, [walkBlock()]);
    cityView(holder, state.view);
  }

  app.part("crumbs", ["lang", "theme", "community", "township", "facility"], drawCrumbs);
  app.part("place", ["lang", "theme", "view", "community", "township", "facility", "spot", "scenario", "after"], draw);
}(lifecircle));
