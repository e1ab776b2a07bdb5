"use strict";
/* What the data mean: statuses, the services of a rule, the figures of a place. Draws nothing. */
(function (app) {
  app.isShort = function (mark) { return mark === "s" || mark === "t" || mark === "p"; };

  app.isMet = function (mark) { return mark === "m" || mark === "n" || mark === "q"; };

  app.keyOf = function (theme) { return [theme.plan, theme.rule, theme.service].join("/"); };

  app.sameRule = function (a, b) { return a.plan === b.plan && a.rule === b.rule; };

  app.hasVerdict = function (theme) {
    return app.data.themes.some(function (other) { return app.sameRule(other, theme) && !other.service; });
  };

  /* Whether a finding is about the study as a whole. @param {Verdict} found */
  app.isWhole = function (found) { return found.level === "city" || found.level === "province"; };

  /* The theme of a rule's verdict: over all its services, or over its only one. */
  app.verdictOf = function (theme) {
    return app.data.themes.find(function (other) { return app.sameRule(other, theme) && !other.service; }) ||
      app.data.themes.find(function (other) { return app.sameRule(other, theme); });
  };

  /** The headline target that a rule is, or asks the same as; undefined for others. @param {Theme} theme */
  app.headlineOf = function (theme) {
    return app.data.headlines.find(function (one) { return [one.theme].concat(one.also).some(function (at) { return app.sameRule(app.data.themes[at], theme); }); });
  };

  /** Whether a rule's figure is one that departments report, as the plan's own baseline was. @param {Theme} theme */
  app.isReported = function (theme) { return app.rule(theme).comparable; };

  /** Rules that ask the same of the same units, the one told first: a headline target and those of other plans; else the rule alone. @param {Theme} theme */
  app.alikeOf = function (theme) {
    var told = app.headlineOf(theme);
    return told ? [told.theme].concat(told.also).map(function (at) { return app.verdictOf(app.data.themes[at]); }) : [app.verdictOf(theme)];
  };

  /* What a theme is about: its own service, or all that its rule names or judges; those that stand in for one another (`market|shop`) are one. */
  app.groupsOf = function (theme) {
    if (theme.service) { return [theme.service]; }
    var judged = app.data.themes.filter(function (other) { return app.sameRule(other, theme) && other.service && other.service.split("|").some(function (one) { return app.data.services[one]; }); })
      .map(function (other) { return other.service; });
    return judged.length ? judged : app.rule(theme).services || [];
  };

  /* The services a theme is about, each by itself. @param {Theme} theme */
  app.servicesOf = function (theme) {
    var all = [].concat.apply([], app.groupsOf(theme).map(function (group) { return group.split("|"); }));
    return all.filter(function (service, at) { return all.indexOf(service) === at; });
  };

  /* Those whose minutes colour the map: nobody measured how far it is to the nearest of several kinds. @param {Theme} theme */
  function timed(theme) { return app.groupsOf(theme).filter(function (group) { return group.indexOf("|") < 0; }); }

  /** Whether the data hold no facility of a service at all, nor of any that stands in for it. @param {string} service */
  app.isUnknownHere = function (service) {
    return service.split("|").every(function (one) { var layer = app.data.facilities[one]; return app.data.services[one] !== undefined && (!layer || !layer.x.length); });
  };

  /** Services of a rule of which the data hold no facility. @param {Theme} theme */
  app.emptyServices = function (theme) { return app.groupsOf(theme).filter(app.isUnknownHere); };

  app.targetOf = function (theme, row) { return Array.isArray(theme.target) ? theme.target[row] : theme.target; };

  app.at = function (values, row) { return typeof values === "number" ? values : values && values.length ? values[row] : null; };

  /* Units of a tally by what they came to. */
  app.counted = function (tally, marks) {
    return marks.split("").reduce(function (sum, mark) { return sum + ((tally && tally.counts && tally.counts[mark]) || 0); }, 0);
  };

  app.shortCount = function (tally) { return app.counted(tally, "stp"); };

  app.metCount = function (tally) { return app.counted(tally, "mnq"); };

  /* Headline targets not met: by the study's own verdict, or by any unit's where the study has none. */
  /* Whether anybody knows how many people live anywhere. */
  app.knowsResidents = function () { return app.data.communities.residents.some(function (people) { return !app.unknown(people); }); };

  app.missedTargets = function () {
    return app.data.headlines.filter(function (one) { return one.status === "short" || (one.status !== "met" && one.short > 0); });
  };

  /* Rows of communities that fall short, those that lack most first. */
  app.shortRows = function (theme, township) {
    var missing = theme.deficit || [], rows = [];
    app.data.communities.code.forEach(function (ignored, row) {
      if (app.isShort(theme.status[row]) && (township === undefined || township === null || app.data.communities.township[row] === township)) { rows.push(row); }
    });
    return rows.sort(function (a, b) { return (missing[b] || 0) - (missing[a] || 0) || a - b; });
  };

  /* The rules that say of a level how a unit stands, by plan and rule: the verdict over all services where there is one. */
  var blank = { data: null, of: {} };
  function overServices(theme, level) {
    if (blank.data !== app.data) {
      blank = { data: app.data, of: {} };
      app.data.themes.forEach(function (one) { if (!one.service) { blank.of[one.plan + "/" + one.rule] = one; } });
    }
    var over = theme.service && blank.of[theme.plan + "/" + theme.rule];
    return over && (over.level === level || over.verdicts.some(function (found) { return found.level === level; })) ? over : null;
  }

  /* Whether a finding about a community is one that deficits.csv holds as its verdict: not a part of another. @param {Theme} theme @param {number} row */
  app.isOwnVerdict = function (theme, row) {
    if (theme.level !== "community" || theme.status[row] === "-") { return false; }
    var over = overServices(theme, "community");
    return !over || over.status[row] === "-";
  };

  /* The same of a unit above communities. @param {Theme} theme */
  app.isVerdictAt = function (theme, level, code) {
    var over = overServices(theme, level);
    return !over || !over.verdicts.some(function (found) { return found.level === level && found.code === code; });
  };

  /* Rules (their verdicts) that a community falls short of, the largest part of its people first. */
  app.gapsOf = function (row) {
    return app.data.themes.map(app.seen).filter(function (theme) { return app.isShort(theme.status[row]) && app.isOwnVerdict(theme, row); })
      .sort(function (a, b) { return (app.at(b.people, row) || 0) - (app.at(a.people, row) || 0); });
  };

  /* How many requirements a community meets. */
  app.metHere = function (row) {
    return app.data.themes.map(app.seen).filter(function (theme) { return app.isMet(theme.status[row]) && app.isOwnVerdict(theme, row); }).length;
  };

  /* The same, what several plans ask in the same words on one line: [{theme, plans}]; each plan's counts. */
  app.gapsTold = function (row) {
    var found = [];
    app.gapsOf(row).forEach(function (theme) {
      var words = app.bareTitle(app.alikeOf(theme)[0]) + theme.service + app.gapWords(theme, row), same = found.find(function (one) { return one.words === words; });
      if (same) { same.plans.push(theme.plan); } else { found.push({ words: words, theme: theme, plans: [theme.plan] }); }
    });
    return found;
  };

  /* Requirements told on some lines. @param {{plans: string[]}[]} told */
  app.requirementsIn = function (told) { return told.reduce(function (sum, one) { return sum + one.plans.length; }, 0); };

  /* The services of a rule that a community lacks. */
  app.missingServices = function (theme, row) {
    return app.data.themes.filter(function (other) {
      // a rule about townships and communities has a part for each, which is no service
      return app.sameRule(other, theme) && other.service && !app.hasWord("map.variant." + other.service) && app.isShort(app.seen(other).status[row]);
    }).map(function (other) { return other.service; });
  };

  /** What is uncertain of a rule; null where nothing is, or where a scenario is shown. @param {Theme} theme */
  app.unsureOf = function (theme) { return app.state.after ? null : app.rule(theme).unsure || null; };

  app.topicOf = function (theme) { return app.rule(theme).topic || "other"; };

  /* Walking minutes to a service: under the scenario shown, where it tells others; or `before` it. @param {string} service @param {boolean} [before] */
  app.minutesFor = function (service, before) {
    var scenario = app.state.after && !before ? app.scenario() : null;
    return (scenario && scenario.minutes && scenario.minutes[service]) || app.data.minutes[service];
  };

  /* How people travel on the side shown: in words that follow the minutes. */
  app.modeWords = function (scenario) {
    var shown = scenario === undefined ? app.state.after ? app.scenario() : null : scenario;
    return app.word("map.by." + (shown && shown.title ? shown.name : app.data.mode));
  };

  /* Every way of travelling with minutes of its own, the one that is judged first: [{words, minutes}]. */
  app.modesTold = function () {
    return [{ words: app.modeWords(null), minutes: app.data.minutes }].concat(app.data.scenarios.filter(function (one) { return one.title && one.minutes; })
      .map(function (one) { return { words: app.modeWords(one), minutes: one.minutes }; }));
  };

  /* Median minutes of a community to the service shown, the slowest of several; Infinity where most reach none. */
  app.minutesOf = function (theme, row, before) {
    return timed(theme).reduce(function (most, service) {
      var of = app.minutesFor(service, before);
      if (!of) { return most; }
      var median = app.at(of.p50, row), unreached = app.at(of.unreached, row);
      if (app.unknown(median)) { median = unreached >= 0.5 ? Infinity : null; }
      return median === null ? most : Math.max(most === null ? 0 : most, median);
    }, null);
  };

  app.hasMinutes = function (theme) {
    return timed(theme).some(function (service) { return app.data.minutes[service] && app.data.minutes[service].p50; });
  };

  /* The facility of a service nearest to most residents of a community; null where nobody reaches one. */
  app.nearest = function (service, row) {
    var of = app.minutesFor(service), layer = app.data.facilities[service], seat = of && app.at(of.nearest, row);
    if (app.unknown(seat) || seat < 0 || !layer) { return null; }
    return { service: service, row: seat, name: app.facilityName({ service: service, row: seat }), named: Boolean(layer.name[seat]) };
  };

  /* Proposed sites of a rule: its own, else those of a circle of the same limit, else those of its service that are of no rule. */
  app.sitesOf = function (theme) {
    var all = app.data.proposals.sites, services = app.servicesOf(theme), about = app.rule(theme);
    function of(plan, rule) { return all.filter(function (site) { return site.plan === plan && site.rule === rule && (plan === theme.plan || services.indexOf(site.service) >= 0); }); }
    var own = of(theme.plan, theme.rule), alike = own.length ? null : all.find(function (site) {
      var other = app.rule(site);
      return site.rule && app.isCircle(theme) && other.kind === about.kind && other.cutoff === about.cutoff && services.indexOf(site.service) >= 0;
    });
    if (own.length || alike) { return own.length ? own : of(alike.plan, alike.rule); }
    return all.filter(function (site) { return !site.rule && services.indexOf(site.service) >= 0; });
  };

  /* Whether a rule is about who walks how far: what it lacks are residents to reach. */
  app.isCircle = function (theme) { return Boolean(app.rule(theme).circle); };

  app.curveOf = function (theme) {
    var services = app.servicesOf(theme);
    return app.data.proposals.curve.filter(function (curve) {
      return (curve.plan === theme.plan && curve.rule === theme.rule) || (!curve.rule && services.indexOf(curve.service) >= 0);
    });
  };

  /* Of several services the one that most residents need longest to, or do not reach at all. */
  function farthest(services, row) {
    function minutes(service) {
      var of = app.minutesFor(service), median = of ? app.at(of.p50, row) : null;
      return !of ? -1 : app.unknown(median) ? Infinity : median;
    }
    return services.slice().sort(function (a, b) { return minutes(a) === minutes(b) ? 0 : minutes(b) - minutes(a); })[0];
  }

  /* One plain sentence: what is the matter in a community under a rule, and what it rests on. */
  app.whySentence = function (theme, row) {
    var word = app.word, rule = app.rule(theme), mark = theme.status[row], missing = app.missingServices(theme, row);
    var service = theme.service || farthest(missing, row), of = service && app.minutesFor(service), parts = [];
    var cutoff = rule.cutoff, residents = app.data.communities.residents[row], people = app.at(theme.people, row);
    var value = app.at(theme.value, row), target = app.targetOf(theme, row), nearest = service ? app.nearest(service, row) : null;
    if (app.isShort(mark) && missing.length > 1) { parts.push(word("map.why.several", { n: app.number(missing.length), name: app.list(missing.slice(0, 4).map(app.serviceWords)) })); }
    if (cutoff && of) {
      var median = app.at(of.p50, row), values = { mode: app.modeWords(), name: app.serviceWords(service), minutes: app.unknown(median) ? "" : app.minutes(median, cutoff), to: app.number(cutoff) };
      if (app.unknown(median)) { parts.push(word("map.why.unreached", values)); } else { parts.push(word(median > cutoff ? "map.why.beyond" : "map.why.within", values)); }
      // of those near enough there may still be too few
      var needed = app.unknown(target) ? app.criterionWords(theme.criterion || "") : app.targetWords(theme, target);
      if (!app.unknown(residents) && !app.unknown(people)) {
        parts.push(word("map.why.people", { residents: app.number(residents, 0), people: app.number(Math.max(0, Math.round(residents - people)), 0) }));
        if (app.isShort(mark) && median <= cutoff && theme.unit === "%" && needed && !app.unknown(value)) { parts.push(word("map.why.share", { value: app.figure(value, theme.unit, target), target: needed })); }
      }
    } else if (!app.unknown(value)) {
      parts.push(word("map.why.value", { value: app.figure(value, theme.unit, target) }) + (app.unknown(target) ? "" : word(mark === "c" ? "map.why.standard" : "map.why.target", { value: app.targetWords(theme, target) })));
      if (app.isShort(mark) && !app.unknown(app.at(theme.deficit, row))) { parts.push(app.gapWords(theme, row)); }
    }
    // where most residents reach none, what a few are nearest to says nothing of the reason
    if (nearest && nearest.named && !(cutoff && of && app.unknown(app.at(of.p50, row)))) { parts.push(word("map.why.nearest", { name: nearest.name })); }
    parts.push(word("map.why.clause", { name: app.list(app.alikeOf(theme).map(app.planAndClause)) }));
    return word(app.isShort(mark) ? "map.why.lead-short" : "map.why.lead", { name: app.statusWords(mark) }) + parts.filter(Boolean).join(word("map.semicolon")) + word("map.stop");
  };

  /** How much of what is missing under a rule: of a circle residents to reach. @param {Theme} theme @param {number} missing @param {string} unit */
  app.lacks = function (theme, missing, unit) {
    return unit === "persons" && app.isCircle(theme) ? app.missing(theme, missing, unit) : app.word(app.countsUnits(unit) ? "map.units-to-go" : "map.still-lacks", { value: app.gap(missing, unit) });
  };

  /** The same where its name stands beside it. @param {Theme} theme @param {number} missing @param {string} unit */
  app.missing = function (theme, missing, unit) {
    return unit === "persons" && app.isCircle(theme) ? app.word("map.to-reach", { n: app.number(Math.max(1, Math.round(missing)), 0) }) : app.gap(missing, unit);
  };

  /** Who stands in for the people that a rule is about; blank where those are counted. @param {Theme} theme */
  app.standInWords = function (theme) { return app.named(app.rule(theme).stand_in, ""); };

  /** The same as a note. @param {Theme} theme */
  app.standIn = function (theme) { return app.standInWords(theme) ? app.node("p", "note stand-in", app.standInWords(theme)) : null; };

  /** The study's own verdict, where the plan sets a figure for the whole; null elsewhere. @param {Theme} theme */
  app.wholeOf = function (theme) {
    return theme.verdicts.find(function (found) { return app.isWhole(found) && !app.unknown(found.target) && (app.isShort(found.status) || app.isMet(found.status)); }) || null;
  };

  /** Whether a community is one of those that a share of the whole still waits for. @param {Theme} theme @param {number} row */
  app.isAwaited = function (theme, row) {
    var whole = theme.status[row] === "c" && app.at(theme.contribution, row) > 0 ? app.wholeOf(theme) : null;
    return whole !== null && app.isShort(whole.status) && app.countsUnits(whole.deficit_unit);
  };

  /* Whether a gap is a number of units that are still to pass. */
  app.countsUnits = function (unit) { return ["units", "communities", "villages", "communities+villages", "townships", "counties"].indexOf(unit) >= 0; };

  /* What is missing, said as what is still to be done. */
  app.gapWords = function (theme, row) {
    var missing = app.at(theme.deficit, row);
    if (app.unknown(missing)) { return app.word("status.short"); }
    return app.lacks(theme, missing, theme.deficit_unit);
  };
}(lifecircle));
