"use strict";
/* Rules judged station by station, facility by facility: how many fall short, which, and of what. */
(function (app) {
  var node = app.node, word = app.word, FEW = 10;

  /** How many of the stations or facilities judged fall short; blank for a rule that judges none. @param {Theme} theme */
  app.unitsLine = function (theme) {
    var short = app.shortCount(theme), judged = short + app.metCount(theme);
    if (!theme.units.judged || theme.counted !== theme.units.level || !judged) { return ""; }
    return word(short ? "map.units-line." + theme.units.level : "map.units-line-met." + theme.units.level, { n: app.number(short), number: app.number(judged) });
  };

  /** Whether the rule stands as its stations do, so that the study's own row only tells their number. @param {Theme} theme */
  app.isByStation = function (theme) { return theme.judged === "catchment"; };

  /* One of the measures that a clause on stations joins by "or"; undefined where it has but one. @param {Theme} theme @param {string} service */
  function measureOf(theme, service) {
    return app.data.themes.map(app.seen).find(function (other) { return app.sameRule(other, theme) && other.service === service; });
  }

  /** What the study's own row says of a rule judged by station: there are enough of them, or too few, and by which measure. @param {Theme} theme @param {Verdict} found */
  app.numberWords = function (theme, found) {
    var needed = ["by-committees", "by-people"].map(function (service) { var measure = measureOf(theme, service), whole = measure && measure.verdicts.find(app.isWhole); return whole ? whole.target : null; });
    // a measure of a clause that asks for either tells how the clause stands, and not that it is missed by this one
    var clause = measureOf(theme, ""), whole = clause && clause.verdicts.find(app.isWhole);
    var values = { n: app.number(found.value, 0), target: app.number(found.target, 0), missing: app.number(found.deficit, 0), committees: app.number(needed[0], 0), people: app.number(needed[1], 0), name: app.statusWords((whole || found).status) };
    if (needed.every(function (one) { return !app.unknown(one); })) { return word("map.number-either", values); }
    return word(app.isShort(found.status) ? "map.number-too-few" : "map.number-enough", values);
  };

  function conditionWords(one) {
    return word("map.condition." + one.service, { value: app.number(one.value, 0), target: app.number(one.target, 0) });
  }

  /* One measure of a station shared among it and those to be added there: each one's part, the limit, and how many further ones keep to it. */
  function shared(unit, service) {
    var told = unit.conditions.find(function (one) { return one.service === service; });
    return { each: told.value / (unit.deficit + 1), most: told.target, needed: Math.max(0, Math.ceil(told.value / told.target) - 1), fits: Math.ceil(told.value / (unit.deficit + 1)) <= told.target };
  }

  function sum(all) { return all.reduce(function (total, one) { return total + one; }, 0); }

  /* What the stations to be added change: the clause is met by one measure, and how they stand by the number of people. @param {Theme} theme */
  function afterWords(theme, short) {
    var people = measureOf(theme, "by-people"), both = short.every(function (unit) { return unit.deficit && unit.conditions.length === 2; });
    if (!people || !short.length || !both) { return []; }
    var told = short.map(function (unit) { return shared(unit, "by-people"); }), over = told.filter(function (one) { return one.each > one.most; }), parts = over.map(function (one) { return one.each; });
    var byCommittees = short.every(function (unit) { return shared(unit, "by-committees").fits; }), spared = app.shortCount(people) - short.length;
    var values = { n: app.number(short.length), added: app.number(sum(short.map(function (unit) { return unit.deficit; }))), number: app.number(over.length) };
    var said = [word(byCommittees ? "map.stations-after" : "map.stations-after-either", values)];
    if (over.length) {
      Object.assign(values, { from: app.number(Math.min.apply(null, parts), 0), to: app.number(Math.max.apply(null, parts), 0), most: app.number(over[0].most, 0), needed: app.number(sum(told.map(function (one) { return one.needed; }))) });
      said.push(word(values.from === values.to ? "map.stations-still-over-one" : "map.stations-still-over", values));
    }
    // why that takes more than are missing in all, as the reports say it
    var target = app.headlineOf(theme), more = target && target.by_people ? target.by_people[app.state.lang] : word("map.stations-by-committees", { n: app.number(spared) });
    return said.concat(spared > 0 ? more : []);
  }

  /* One of them: its name, where it lies, whom it serves, by how much it falls short. */
  function unitItem(theme, unit) {
    var item = node("li"), all = app.data.communities, said = [], at = unit.community >= 0 ? all.township[unit.community] : -1;
    if (unit.row >= 0) { item.appendChild(app.link(unit.name, function () { app.choose({ facility: { service: unit.service, row: unit.row }, fly: true, tab: "place" }); })); } else { item.appendChild(node("span", "", unit.name)); }
    if (unit.deficit !== null) { item.appendChild(node("span", "amount", theme.units.level === "catchment" ? word("map.stations-to-add", { n: app.number(unit.deficit, 0) }) : word("map.still-lacks", { value: app.gap(unit.deficit, unit.deficit_unit) }))); }
    if (at >= 0) { said.push(app.townshipName(at)); }
    if (unit.conditions.length) { said = said.concat(unit.conditions.map(conditionWords)); } else if (unit.value !== null && unit.target !== null) { said.push(word("map.unit-now", { value: app.figure(unit.value, unit.unit, unit.target), target: app.targetWords(theme, unit.target, unit.unit) })); }
    if (theme.units.level === "catchment" && unit.people) { said.push(word("map.units-people", { n: app.number(Math.round(unit.people), 0) })); }
    item.appendChild(node("small", "", said.join(" · ")));
    return item;
  }

  function unitList(theme, units, all) {
    var list = node("ol", "worst");
    list.dataset.all = String(all);
    units.forEach(function (unit) { list.appendChild(unitItem(theme, unit)); });
    return list;
  }

  /** The stations or facilities that fall short, the first few in sight; null where a rule judges none. @param {Theme} theme */
  app.unitsBlock = function (theme) {
    var short = theme.units.short || [], made = node("section", "units");
    // a scenario tells how many fall short under it, not which
    if (!short.length || (app.scenario() && app.state.after)) { return null; }
    made.appendChild(node("h3", "", word("map.units-short-list")));
    if (app.isByStation(theme)) { afterWords(theme, short).forEach(function (words) { made.appendChild(node("p", "note", words)); }); }
    made.appendChild(unitList(theme, short.slice(0, FEW), short.length));
    if (short.length > FEW) {
      var folded = node("details");
      folded.appendChild(node("summary", "", word("map.more-gaps", { n: app.number(short.length - FEW) })));
      folded.appendChild(unitList(theme, short.slice(FEW), short.length - FEW));
      made.appendChild(folded);
    }
    return made;
  };
}(lifecircle));
