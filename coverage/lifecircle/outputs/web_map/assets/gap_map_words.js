"use strict";
/* The catalogue's words, and figures as a reader expects them: people whole, minutes whole or half. */
(function (app) {
  var PEOPLE = ["persons", "residents", "people"];
  var COUNTED = ["types", "services", "tiers", "circles", "communities", "villages", "communities+villages", "townships", "counties", "functions"];

  /* Whether what the page calls communities are cells of a grid, each and all. */
  var cells = { data: null, all: false };
  function ofCells() {
    if (cells.data !== app.data) {
      var kinds = (app.data.communities || {}).kind || [];
      cells = { data: app.data, all: kinds.length > 0 && kinds.every(function (kind) { return kind === "cell"; }) };
    }
    return cells.all;
  }

  /* The catalogue's words in the page's language, {placeholders} filled in ({n:row|rows}: "1 row", "2 rows"); a singular where n is one. */
  app.word = function (key, values) {
    var words = app.data.words[app.state.lang], own = ofCells() && words[key + ".cells"] !== undefined ? key + ".cells" : key, said = words[own];
    if (values && values.n === "1" && words[own + ".one"] !== undefined) { said = words[own + ".one"]; }
    if (said === undefined) { return key; }
    return said.replace(/\{(\w+)(?::([^|{}]*)\|([^{}]*))?\}/g, function (whole, name, one, many) {
      if (!values || values[name] === undefined) { return whole; }
      return many === undefined ? values[name] : values[name] + " " + (String(values[name]) === "1" ? one : many);
    });
  };

  /* What communities judged under a rule are: urban ones, villages, or both; blank where there are both. @param {Theme} theme */
  function kindOf(theme) {
    var kinds = app.data.communities.kind, all = {};
    if (theme.villages === undefined) {
      (theme.status || "").split("").forEach(function (mark, row) { if ("stpmnq".indexOf(mark) >= 0) { all[kinds[row] === "village" ? "villages" : "communities"] = true; } });
      theme.villages = Object.keys(all).length === 1 ? "." + Object.keys(all)[0] : "";
    }
    return theme.villages;
  }

  /** The words of a rule that judges communities: those of urban communities or of villages alone, where it judges no others. @param {Theme} theme @param {string} key @param {Record<string, string>} [values] */
  app.wordOf = function (theme, key, values) {
    var own = key + kindOf(theme);
    return app.word(!ofCells() && app.hasWord(own) ? own : key, values);
  };

  app.hasWord = function (key) { return app.data.words[app.state.lang][key] !== undefined; };

  app.named = function (names, otherwise) {
    return (names && (names[app.state.lang] || names.zh || names.en)) || otherwise;
  };

  /* Services that stand in for one another (`market|shop`) are named one after the other. */
  app.serviceName = function (service) {
    if (service.indexOf("|") > 0) { return service.split("|").map(app.serviceName).join(" / "); }
    var own = app.data.words[app.state.lang]["map.variant." + service];
    return app.named(app.data.services[service], own || service);
  };

  /* The same within a sentence: an English one begins small, unless its name is an abbreviation. */
  app.serviceWords = function (service) { return app.serviceName(service).replace(/(^| \/ )[A-Z](?=[a-z])/g, function (first) { return first.toLowerCase(); }); };

  /* Words that stand alone begin like a sentence. */
  app.sentence = function (words) { return words.charAt(0).toUpperCase() + words.slice(1); };

  app.unknown = function (value) { return value === null || value === undefined; };

  /* How numbers are written, made once for each language and number of decimals: to make one takes far longer than to use it. @type {Record<string, Intl.NumberFormat>} */
  var formats = {};
  app.number = function (value, digits) {
    if (app.unknown(value)) { return app.word("map.unknown"); }
    var places = digits !== undefined ? digits : Math.abs(value) >= 100 ? 0 : 2, key = app.state.lang + places;
    formats[key] = formats[key] || new Intl.NumberFormat(app.state.lang === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: places });
    return formats[key].format(value);
  };

  /* A figure rounded as `figure` tells it, as a number for a sheet: shares in percent. */
  app.roundedFigure = function (value, unit) {
    if (unit === "min") { return Math.round(value * 2) / 2; }
    if (PEOPLE.indexOf(unit) >= 0) { return Math.round(value); }
    var shown = unit === "share" ? value * 100 : value, steps = unit === "share" || unit === "%" || unit === "percentage-points" ? 10 : Math.abs(shown) >= 100 ? 1 : 100;
    return Math.round(shown * steps) / steps;
  };

  /* A figure that would be rounded to its target or past it, though it is not there: rounded away from it, with as many decimals as tell them apart. */
  function besideTarget(value, shown, target, digits) {
    var places = digits;
    while (!app.unknown(target) && value !== target && places < 4 && (value < target ? shown >= target : shown <= target)) {
      places += 1;
      shown = value < target ? Math.floor(value * Math.pow(10, places) + 1e-7) : Math.ceil(value * Math.pow(10, places) - 1e-7);
      shown /= Math.pow(10, places);
    }
    return shown;
  }

  /* Minutes to the half; finer where that would hide on which side of a limit they are. */
  app.minutes = function (value, limit) { return app.number(besideTarget(value, Math.round(value * 2) / 2, limit, 0), 4); };

  /**
   * A figure with its unit: shares as percentages, people whole and never fewer than there are. Beside a target it never reads as what it is not.
   * @param {number | null} value @param {string} unit @param {number | null} [target]
   */
  app.figure = function (value, unit, target) {
    if (app.unknown(value)) { return app.word("map.unknown"); }
    if (unit === "share" || unit === "%") {
      var times = unit === "share" ? 100 : 1, share = Math.round(value * times * 10 + 1e-9) / 10;
      return app.number(besideTarget(value * times, share, app.unknown(target) ? null : target * times, 1), 4) + "%";
    }
    if (unit === "min") { return app.minutes(value, target) + (app.state.lang === "zh" ? "" : " ") + app.word("status.unit.min"); }
    var people = PEOPLE.indexOf(unit) >= 0, digits = people ? 0 : unit === "percentage-points" ? 1 : Math.abs(value) >= 100 ? 0 : 2, whole = Math.pow(10, digits);
    var shown = app.number(besideTarget(value, Math.round(value * whole) / whole, target, digits), 4);
    var single = "status.unit." + unit + ".one", key = shown === "1" && app.hasWord(single) ? single : "status.unit." + unit;
    var words = app.hasWord(key) ? app.word(key) : unit;
    return shown + (words ? (/^%/.test(words) || (app.state.lang === "zh" && /^[一-鿿]/.test(words)) ? "" : " ") + words : "");
  };

  /** What is missing, with its unit: never nothing, people whole. @param {number | null} missing @param {string} unit */
  app.gap = function (missing, unit) {
    return app.figure(!app.unknown(missing) && PEOPLE.indexOf(unit) >= 0 && missing > 0 ? Math.max(1, Math.round(missing)) : missing, unit, 0);
  };

  /* Limits between whole numbers, as whole numbers. */
  function wholeBreaks(breaks) { return breaks.map(function (limit) { return Math.ceil(limit - 1e-9); }); }

  /* What is counted in whole ones needs no range where a class holds one figure, and none that overlaps. */
  function countWords(breaks, place, unit) {
    var first = breaks[place - 1], last = breaks[place] - 1;
    return (first < last ? app.figure(first, "") + " – " : "") + app.figure(last, unit);
  }

  /* A class of figures between two breaks; figures equal to a break are in the class above it. */
  app.rangeWords = function (breaks, place, unit) {
    if (!breaks.length) { return ""; }
    if (COUNTED.indexOf(unit) >= 0) { breaks = wholeBreaks(breaks); }
    if (place === 0) { return "< " + app.figure(breaks[0], unit); }
    if (place === breaks.length) { return "≥ " + app.figure(breaks[place - 1], unit); }
    if (COUNTED.indexOf(unit) >= 0) { return countWords(breaks, place, unit); }
    return app.figure(breaks[place - 1], unit === "share" ? unit : "") + " – " + app.figure(breaks[place], unit);
  };

  /* Settings of the sensitivity table (`walk_speed_kmh=4.8; mode=bike`) in words. */
  app.settingWords = function (settings) {
    return app.list(settings.split(/;\s*/).filter(Boolean).map(function (one) {
      var parts = one.split("="), whole = "map.setting." + parts[0] + "." + parts[1], named = "map.setting." + parts[0];
      if (app.hasWord(whole)) { return app.word(whole); }
      var value = parts[0] === "covered_share" ? app.figure(Number(parts[1]), "share") : parts[1];
      return app.hasWord(named) ? app.word(named, { value: value }) : one;
    }));
  };

  /* A threshold of ours, as the findings hold it, in words; what is of another sort stands as it is. */
  app.criterionWords = function (criterion) {
    var share = /^>= ([\d.]+) % of (residents|street length|floor area|residential weight)$/.exec(criterion), types = /^>= (\d+) types$/.exec(criterion);
    if (share) { return app.word("map.criterion-share", { n: share[1], basis: app.word("status.basis." + share[2].replace(" ", "-")) }); }
    return types ? app.word("map.criterion-types", { n: types[1] }) : criterion;
  };

  /* Names one after another, as the language parts them. */
  app.list = function (words) { return words.join(app.word("map.comma")); };

  app.rule = function (theme) {
    var plan = app.data.plans.find(function (entry) { return entry.id === theme.plan; });
    return (plan && plan.rules[theme.rule]) || {};
  };

  app.planName = function (id) {
    var plan = app.data.plans.find(function (entry) { return entry.id === id; });
    return app.named(plan && plan.title, id);
  };

  /* The place that a plan is of, where that tells it from the others; else its name. @param {string} id */
  app.planShort = function (id) {
    var plan = app.data.plans.find(function (entry) { return entry.id === id; });
    return app.named(plan && plan.short, app.planName(id));
  };

  /* Where a rule stands in its plan; blank where the plan names no place. @param {Theme} theme */
  app.clauseOf = function (theme) { return app.named(app.rule(theme).clause, "") || theme.clause || ""; };

  /* The departments that the plan holds responsible, one after another; blank where it names none. @param {Theme} theme */
  app.responsibleWords = function (theme) {
    var plan = app.data.plans.find(function (entry) { return entry.id === theme.plan; });
    return app.list((app.rule(theme).responsible || []).map(function (at) { return app.named(plan.departments[at], ""); }));
  };

  /* The plan and the place in it, as the language parts words. @param {Theme} theme */
  app.planAndClause = function (theme) {
    var clause = app.clauseOf(theme);
    return app.planName(theme.plan) + (clause ? (app.state.lang === "zh" ? "" : ", ") + clause : "");
  };

  /* A rule's title as its plan says it: where the plan stands beside it. @param {Theme} theme */
  app.bareTitle = function (theme) { return app.named(app.rule(theme).title, theme.rule); };

  /* The same, with the plan where another plan of the study has a rule of that title. @param {Theme} theme */
  app.ruleTitle = function (theme) { return app.named(app.rule(theme).titled, app.bareTitle(theme)); };

  app.themeTitle = function (theme) {
    return app.ruleTitle(theme) + (theme.service && app.hasVerdict(theme) ? " · " + app.serviceName(theme.service) : "");
  };

  /* A community's name; a cell of a grid by its street in the page's language, by its number where none is known. @param {number} row */
  app.communityName = function (row) {
    var all = app.data.communities, name = all.name[row] || all.code[row], street = all.street ? all.street[row] : "";
    if (all.kind[row] !== "cell" || (!street && name !== all.code[row])) { return name; }
    var number = /[（(](\d+)[)）]$/.exec(name);
    if (!street) { return app.word("map.cell", { number: app.number(row + 1) }); }
    return app.word(number ? "status.cell-near-of-several" : "status.cell-near", { street: street, n: number ? number[1] : "" });
  };

  app.townshipName = function (at) { return at < 0 ? "" : app.data.townships[at].name; };

  app.statusWords = function (mark) {
    return {
      m: app.word("status.met"), n: app.word("status.met"), q: app.word("map.met-provisional"),
      s: app.word("status.short"), t: app.word("status.short"), p: app.word("map.short-provisional"),
      d: app.word("status.no-data"), a: app.word("status.not-applicable"), r: app.word("status.report-only"), c: app.word("status.context")
    }[mark] || app.word("map.no-finding");
  };

  app.certaintyWords = function (mark) {
    var key = { t: "assumed", n: "assumed", p: "provisional", q: "provisional", s: "firm", m: "firm" }[mark];
    return key ? app.word("status." + key) : "";
  };

  app.targetWords = function (theme, target, unit) { return app.asked(theme.comparator, target, unit || theme.unit); };

  /** A target with its sign: ≥ 90%. @param {string} comparator @param {number} target @param {string} unit */
  app.asked = function (comparator, target, unit) {
    var signs = { ">=": "≥ ", "<=": "≤ ", ">": "> ", "<": "< " };
    return (signs[comparator] || "") + app.figure(target, unit);
  };

  app.noteWords = function (number) {
    if (number === undefined || number === null || number === -1) { return ""; }
    return number === -2 ? app.word("map.note-in-table") : app.sentence(app.named(app.data.notes[number], ""));
  };

  /* The name of the study without what it says in brackets. */
  app.cityName = function () { return app.data.place || app.data.name.replace(/\s*[（(].*[)）]\s*$/, "") || app.data.name; };

  /* What the study says of itself in brackets: that its data are made up, say; blank where it says nothing. */
  app.studyNote = function () {
    var bracket = /[（(]([^（()）]*)[)）]\s*$/.exec(app.data.name);
    return app.named(app.data.note, bracket && app.data.name.length > bracket[0].length ? bracket[1] : "");
  };

  /* The study's name and its note, as titles of the page, of its pictures and on paper hold them. */
  app.studyTitle = function () { return app.cityName() + (app.studyNote() ? app.word("map.bracketed", { name: app.studyNote() }) : ""); };
}(lifecircle));
