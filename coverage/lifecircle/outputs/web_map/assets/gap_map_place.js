"use strict";
/* The docked panel: the city under a rule, a township or a facility. Built of nodes, never of markup. */
(function (app) {
  var node = app.node, word = app.word, FEW = 10;

  function badge(mark) { return node("span", "badge badge-" + (mark === "-" ? "none" : mark), app.statusWords(mark)); }

  /* A name and its figure; `about` says which one it is. */
  function pair(list, name, value, about) {
    var shown = node("dd", "", value);
    if (about) { shown.dataset.figure = about; }
    list.appendChild(node("dt", "", name));
    list.appendChild(shown);
  }

  /* A facility's name, or its service where nobody told a name. @param {{ service: string, row: number }} one */
  app.facilityName = function (one) {
    return app.data.facilities[one.service].name[one.row] || word("map.unnamed", { name: app.serviceName(one.service) });
  };

  /* That the data hold no facility of some services of a rule: who lacks them lacks them for want of data, or of all. @param {Theme} theme */
  function emptyNote(theme) {
    var none = app.emptyServices(theme);
    return none.length ? node("p", "note warning", word("map.no-facility-of", { name: app.list(none.map(app.serviceWords)) })) : null;
  }

  function heading(words) { return node("h3", "", words); }

  function add(holder, parts) { parts.forEach(function (part) { if (part) { holder.appendChild(part); } }); }

  /* City, topic, rule, township, community: each leads back. */
  function drawCrumbs(state) {
    var holder = app.empty(app.byId("crumbs")), theme = app.toldRule(), trail = [];
    trail.push([app.cityName(), { community: null, facility: null, township: null }]);
    trail.push([word("map.topic." + app.topicOf(theme)), { community: null, facility: null, township: null, tab: "rules" }]);
    trail.push([app.ruleTitle(theme), { community: null, facility: null, township: null }]);
    if (state.township !== null) { trail.push([app.townshipName(state.township), { township: state.township, community: null, facility: null }]); }
    if (state.community !== null) { trail.push([app.communityName(state.community), null]); }
    if (state.facility) { trail.push([app.facilityName(state.facility), null]); }
    if (state.site !== null) { trail.push([word("map.site", { n: app.pinName(app.data.proposals.sites[state.site]) }), null]); }
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
      var words = other.service ? app.serviceName(other.service) + (app.isUnknownHere(other.service) ? word("map.bracketed", { name: word("map.no-facility-short") }) : "") : word("map.verdict"), seen = app.seen(other), short = app.shortCount(seen), count = countOfUnits(seen);
      // of a service that is judged at the whole alone the units are told that it counts
      if (short && count && other.service && other.counted === count.level) { short = count.deficit; }
      var go = app.link(words + (short ? " " + app.number(short, 0) : ""), function () { app.choose(app.state.side === "right" ? { against: other } : { theme: other }); }, "chip");
      go.setAttribute("aria-pressed", String(other.index === app.toldRule().index));
      made.appendChild(go);
    });
    return made;
  }

  function targetLine(theme) {
    var parts = [], target = Array.isArray(theme.target) ? null : theme.target, whole = app.isByStation(theme) ? null : app.wholeOf(theme), each = app.unknown(target) ? "" : app.targetWords(theme, target);
    // what is asked of the whole leads: what one unit must have is but the test of each
    var asked = whole ? app.asked(whole.comparator, whole.target, whole.unit) : each, name = theme.level === "community" ? word("map.column.name").toLowerCase() : word("status." + theme.level);
    if (asked) { parts.push(word("map.target") + word("map.colon") + asked + (each && each !== asked ? word("map.target-each", { value: each, name: name }) : "")); }
    if (asked && app.rule(theme).nature) { parts.push(word("map.nature." + app.rule(theme).nature)); }
    if (theme.year) { parts.push(word("map.by-year", { n: String(theme.year) })); }
    if (theme.scope) { parts.push(word("status." + theme.scope)); }
    if (app.responsibleWords(theme)) { parts.push(word("map.responsible", { name: app.responsibleWords(theme) })); }
    return parts.length ? node("p", "note", app.sentence(parts.join(" · "))) : null;
  }

  /* The finding of the whole that counts units; null where a rule has none. @param {Theme} theme */
  function countOfUnits(theme) { return theme.verdicts.find(function (one) { return app.isWhole(one) && app.countsUnits(one.deficit_unit) && one.deficit !== null; }) || null; }

  /* Townships and communities short, each counted on its own, where one rule is about both; blank elsewhere. @param {Theme} theme */
  function byLevel(theme) {
    var parts = app.data.themes.filter(function (other) { return app.sameRule(other, theme) && app.hasWord("map.units-short." + other.service); });
    return app.list(parts.map(function (other) {
      var count = countOfUnits(app.seen(other));
      return count && count.deficit ? word("map.units-short." + other.service, { n: app.number(count.deficit, 0) }) : "";
    }).filter(Boolean));
  }

  /* What the whole lacks: the units short where they are what it counts; at least so much where some had no data. */
  function unitsShort(theme, found) {
    var levels = app.countsUnits(found.deficit_unit) ? byLevel(theme) : "", missing = app.gap(found.deficit, found.deficit_unit);
    if (levels) { return word("map.units-short-of", { name: levels }); }
    var unjudged = found.unit === found.deficit_unit && !app.unknown(found.target) && found.target > found.value ? Math.round(found.target - found.value - found.deficit) : 0;
    return unjudged > 0 ? word("map.lacks-at-least", { value: missing, n: app.number(unjudged, 0) }) : app.lacks(theme, found.deficit, found.deficit_unit);
  }

  /* How a whole stands: a share with how many units it is of. */
  function nowWords(theme, found) {
    var value = app.figure(found.value, found.unit, found.target);
    return app.isWhole(found) && theme.of_units && found.unit === "%" && app.countsUnits(found.deficit_unit) && found.deficit_unit !== "units" ? word("map.now-of", { value: value, name: app.figure(theme.of_units, found.deficit_unit) }) : word("map.now-is", { value: value });
  }

  /* Of a rule that the whole alone is judged by: the share reached, the share asked for, and what is missing to it. */
  function wholeLine(theme) {
    var whole = app.wholeOf(theme);
    if (!whole || theme.judged !== whole.level || app.isByStation(theme)) { return null; }
    var parts = [whole.value === null ? "" : nowWords(theme, whole), word("map.target-is", { value: app.asked(whole.comparator, whole.target, whole.unit) }), app.isShort(whole.status) && whole.deficit !== null ? unitsShort(theme, whole) : ""];
    return node("p", "verdict-line", app.sentence(app.statusWords(whole.status) + word("map.colon") + parts.filter(Boolean).join(word("map.semicolon"))));
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
    if (theme.unlisted) { made.appendChild(node("p", "note", word("map.not-listed", { n: app.number(theme.unlisted) }))); }
    return made;
  }

  function unjudgedWhole(theme) {
    var item = node("li", "verdict"), short = app.shortCount(theme);
    item.appendChild(node("strong", "", word("map.whole-city")));
    item.appendChild(node("span", "", word("map.whole-by-units", { name: app.judgedWords(app.judgedLevel(theme)), n: app.number(short), number: app.number(short + app.metCount(theme)) }) + (short && theme.deficit_sum ? word("map.semicolon") + app.lacks(theme, theme.deficit_sum, theme.deficit_unit) : "")));
    return item;
  }

  function verdictList(theme, shown) {
    var list = node("ul", "verdicts");
    shown.forEach(function (found) {
      var item = node("li", "verdict"), parts = [];
      var counts = app.isWhole(found) && app.isByStation(theme), numbered = counts && found.target !== null && (app.isMet(found.status) || app.isShort(found.status));
      var unit = app.isWhole(found) ? null : (app.judgedUnits(theme) || []).find(function (one) { return one.level === found.level && one.code === found.code; });
      if (!unit && !app.isWhole(found)) { unit = app.unitOf(found); }
      item.appendChild(unit && app.canShow(unit) ? app.link(unit.name, function () { app.showUnit(unit); }) : node("strong", "", counts ? word("map.number-of-stations") : found.name && !app.isWhole(found) ? found.name : app.isMet(found.status) && app.shortCount(theme) ? word("map.at-level", { level: word("status." + found.level) }) : word("map.whole-city")));
      // a second verdict beside the stations' own would contradict it at first sight
      var standing = app.standingOf(theme, found);
      if (!counts) { item.appendChild(standing ? node("span", "badge badge-" + standing.mark, standing.words) : badge(found.status)); }
      // a whole that has no target of its own is told by the units that have one
      if (app.isWhole(found) && found.status === "r" && app.shortCount(theme) + app.metCount(theme)) { list.appendChild(unjudgedWhole(theme)); return; }
      if (numbered) { item.appendChild(node("span", "", app.numberWords(theme, found))); list.appendChild(item); return; }
      var told = found === app.wholeOf(theme) && wholeLine(theme) !== null;
      if (told && app.unknown(found.baseline) && !app.noteWords(found.note)) { return; }
      if (found.value !== null && !told) { parts.push(nowWords(theme, found)); }
      if (found === app.wholeOf(theme) && !told && app.unknown(found.baseline)) { parts.push(word("map.target-is", { value: app.asked(found.comparator, found.target, found.unit) })); }
      if (app.isShort(found.status) && found.deficit !== null && !told) { parts.push(unitsShort(theme, found)); }
      if (!app.unknown(found.baseline) && !app.unknown(found.target)) { parts.push(word(app.isReported(theme) ? "map.from-baseline" : "map.from-baseline-measured", { from: app.figure(found.baseline, found.unit), to: app.figure(found.target, found.unit) })); }
      if (parts.length) { item.appendChild(node("span", "", app.sentence(parts.join(word("map.semicolon"))))); }
      if (app.noteWords(found.note)) { item.appendChild(node("p", "note", app.noteWords(found.note))); }
      list.appendChild(item);
    });
    return list;
  }

  /* The threshold used where it is ours and not the plan's. */
  function criterion(theme) { return theme.criterion ? node("p", "note", word("map.criterion", { value: app.criterionWords(theme.criterion) })) : null; }

  /* What another setting would turn, and how much is provisional; of things as they are. @param {Theme} theme */
  function unsure(theme) {
    var said = app.unsureOf(theme);
    return said ? node("p", "note unsure", word("map.unsure", { value: app.sentence(said[app.state.lang]) })) : null;
  }

  /* The clause that a rule is, and those of other plans that ask the same. @param {Theme} theme */
  function clause(theme) {
    var made = node("div", "clauses");
    app.alikeOf(theme).forEach(function (one) { made.appendChild(clauseOf(one)); });
    return made;
  }

  function clauseOf(theme) {
    var rule = app.rule(theme), made = node("details", "clause");
    made.appendChild(node("summary", "", word("map.clause") + word("map.colon") + app.planAndClause(theme)));
    made.appendChild(node("blockquote", "", rule.quote || ""));
    var basis = app.noteWords(theme.assumptions);
    if (basis) { made.appendChild(node("p", "note", word("map.assumptions") + (app.state.lang === "zh" ? "" : " ") + basis)); }
    return made;
  }

  /* What the panels of single places are built of. */
  app.panel = { add: add, emptyNote: emptyNote, badge: badge, clause: clause, criterion: criterion, heading: heading, pair: pair };

  /* What stands over the communities that fall short: nobody knows which lacks most where figures are missing. */
  function worstWords(theme) {
    return app.wordOf(theme, (theme.deficit || []).some(function (missing) { return !app.unknown(missing); }) ? "map.worst" : "map.show.short");
  }

  function communityList(rows, theme, limit) {
    var list = node("ol", "worst");
    list.dataset.all = String(rows.length);
    rows.slice(0, limit).forEach(function (row) {
      var item = node("li"), people = app.at(theme.people, row);
      item.appendChild(app.link(app.communityName(row), function () { app.choose({ community: row, fly: true, tab: "place" }); }));
      if (!app.unknown(app.at(theme.deficit, row))) { item.appendChild(node("span", "amount", app.gapWords(theme, row))); }
      if (!app.unknown(people) && theme.deficit_unit !== "persons") { item.appendChild(node("small", "", word("map.affects", { n: app.number(Math.round(people), 0) }))); }
      list.appendChild(item);
    });
    if (!rows.length) { list.appendChild(node("li", "note", app.wordOf(theme, "map.none-short"))); }
    if (rows.length > limit) {
      var more = app.link(word("map.show-all", { n: app.number(rows.length) }), function () { list.replaceWith(communityList(rows, theme, rows.length)); }, "more");
      var holder = node("li");
      holder.appendChild(more);
      list.appendChild(holder);
    }
    return list;
  }

  function peopleLine(theme, short) {
    var whole = theme.verdicts && app.wholeOf(theme);
    // of a rule that the whole alone is judged by, whom it concerns stands with the whole; an average may concern nobody in particular
    if (whole && theme.judged === whole.level) { return app.isShort(whole.status) && !app.unknown(whole.people) ? node("p", "people", word("map.people-affected", { n: app.number(Math.round(whole.people), 0) })) : null; }
    if (!short) { return null; }
    // committees of stations too large say nothing of how many people that concerns
    if (app.unknown(theme.people_sum) && app.isByStation(theme)) { return null; }
    return node("p", "people", app.unknown(theme.people_sum) ? word("map.people-unknown") : word("map.people-affected", { n: app.number(Math.round(theme.people_sum), 0) }));
  }

  function cityView(holder, theme) {
    var short = app.shortCount(theme), judged = short + app.metCount(theme);
    holder.appendChild(node("h2", "", app.ruleTitle(theme)));
    if (judged && theme.counted === "community") { holder.appendChild(node("p", "verdict-line", app.sentence(app.wordOf(theme, short ? "map.city-line" : "map.city-line-met", { name: word(short ? "status.short" : "status.met"), n: app.number(short), number: app.number(judged) })))); }
    if (app.unitsLine(theme) || app.judgedLine(theme)) { holder.appendChild(node("p", "verdict-line", app.unitsLine(theme) || app.judgedLine(theme))); }
    add(holder, [wholeLine(theme), peopleLine(theme, short), app.standIn(theme), emptyNote(theme), targetLine(theme), criterion(theme), unsure(theme), clause(theme), serviceChooser(theme), wideVerdicts(theme, 4), app.unitsBlock(theme), app.whereNext(theme)]);
    // a rule judged at the whole alone has no communities that are short of it
    if (theme.level === "community" && judged) {
      holder.appendChild(heading(worstWords(theme)));
      holder.appendChild(communityList(app.shortRows(theme), theme, FEW));
    }
    var bars = app.townshipBars(theme);
    if (bars) { add(holder, [heading(word("map.by-township")), node("p", "note", app.wordOf(theme, "map.by-township-how")), bars]); }
    if (theme.level === "community") { add(holder, [app.histogram(theme)]); }
  }

  function townshipView(holder, theme, at) {
    var of = (theme.townships || {})[at] || { counts: {}, people_sum: null }, short = app.shortCount(of), total = app.data.totals[""] && app.data.totals[""].townships[at];
    holder.appendChild(node("h2", "", app.townshipName(at)));
    if (short + app.metCount(of)) { holder.appendChild(node("p", "verdict-line", app.wordOf(theme, "map.township-line", { name: app.ruleTitle(theme), n: app.number(short), number: app.number(short + app.metCount(of)) }))); }
    add(holder, [peopleLine(of, short), app.standIn(theme)]);
    if (total) { holder.appendChild(node("p", "note", word("map.township-all", { n: app.number(app.shortCount(total)), number: app.number(app.shortCount(total) + app.metCount(total) + app.counted(total, "darc")) }))); }
    holder.appendChild(heading(worstWords(theme)));
    holder.appendChild(communityList(app.shortRows(theme, at), theme, FEW));
    var code = app.data.townships[at].code, list = node("ul", "verdicts");
    app.data.themes.forEach(function (base) {
      var other = app.seen(base), found = other.verdicts.find(function (one) { return one.level === "township" && one.code === code; });
      if (!found || !app.isShort(found.status) || !app.isVerdictAt(other, "township", code)) { return; }
      var item = node("li", "verdict");
      item.appendChild(app.link(app.ruleTitle(base), function () { app.choose({ theme: base }); }));
      if (found.deficit !== null) { item.appendChild(node("span", "amount", app.lacks(other, found.deficit, found.deficit_unit))); }
      list.appendChild(item);
    });
    if (list.childNodes.length) { add(holder, [heading(word("map.township-itself")), list]); }
  }

  function facilityView(holder, service, row) {
    var layer = app.data.facilities[service], list = node("dl", "figures");
    holder.appendChild(node("h2", "", app.facilityName({ service: service, row: row })));
    holder.appendChild(node("p", "note", app.serviceName(service)));
    if (layer.closed.indexOf(row) >= 0) { holder.appendChild(node("p", "note warning", word("map.not-public"))); }
    if (layer.community[row] >= 0) { pair(list, word("map.lies-in"), app.communityName(layer.community[row])); }
    if (layer.capacity && layer.capacity[row] !== null) { pair(list, word("map.capacity"), app.figure(layer.capacity[row], layer.capacity_unit || "places")); }
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
    function weight(entry) { return (entry[0] === app.told() ? 0 : 20) + "stpdmnqrac".indexOf(entry[1].status); }
    found.sort(function (a, b) { return weight(a) - weight(b); });
    return found.map(function (entry) { return facilityRule(entry[0], entry[1]); });
  }

  function facilityRule(theme, finding) {
    var made = node("section", "now"), list = node("dl", "figures");
    // of what a clause joins by "or" each part has its own name, and so has both together
    made.appendChild(heading(app.themeTitle(theme) + (finding.level === "catchment" && !theme.service ? " · " + word("map.verdict") : "")));
    made.appendChild(badge(finding.status));
    if (finding.value !== null) { pair(list, word(finding.level === "catchment" && /^(persons|residents)/.test(finding.unit) ? "map.load-now" : "map.value"), app.figure(finding.value, finding.unit, finding.target)); }
    if (finding.target !== null) { pair(list, word("map.target"), app.targetWords(theme, finding.target, finding.unit)); }
    if (app.isShort(finding.status)) { pair(list, word("map.deficit"), app.gap(finding.deficit, finding.deficit_unit)); }
    if (app.isShort(finding.status) && finding.people !== null) { pair(list, word(finding.level === "catchment" ? "map.above-limit" : "map.people-short"), app.number(Math.round(finding.people), 0)); }
    made.appendChild(list);
    if (app.noteWords(finding.note)) { made.appendChild(node("p", "note", app.noteWords(finding.note))); }
    return made;
  }

  function draw(state) {
    var holder = app.empty(app.byId("place"));
    app.byId("part-place").scrollTop = 0;
    add(holder, [app.sideTold()]);
    if (state.facility) { facilityView(holder, state.facility.service, state.facility.row); return; }
    if (state.community !== null) { app.communityView(holder, app.toldRule(), state.community); return; }
    if (state.site !== null) { app.siteView(holder, state.site); return; }
    if (state.township !== null) { townshipView(holder, app.told(), state.township); return; }
    add(holder, [app.walkBlock()]);
    cityView(holder, app.told());
  }

  app.part("crumbs", ["lang", "theme", "against", "side", "community", "township", "facility", "site"], drawCrumbs);
  app.part("place", ["lang", "theme", "view", "community", "township", "facility", "spot", "site", "scenario", "after", "compare", "against", "side"], draw);
}(lifecircle));
