/* Types of what the page's scripts share, for `tsc --checkJs`; nothing of it reaches the page. */

/** Leaflet, inlined before the scripts. */
declare const L: any;

/** Units by what they came to, over the study or in one township. */
interface Tally {
  counts: Record<string, number>;
  people_sum: number | null;
  deficit_sum: number | null;
  townships?: Record<number, Tally>;
}

/** A finding about an area above communities, a facility or its catchment. */
interface Verdict {
  level: string;
  code: string;
  name: string;
  status: string;
  unit: string;
  comparator: string;
  deficit_unit: string;
  value: number | null;
  target: number | null;
  deficit: number | null;
  people: number | null;
  note: number;
  baseline: number | null;
  progress: number | null;
  x?: number | null;
  y?: number | null;
}

/** A facility, or its catchment, that falls short of a rule judged one by one. */
interface ShortUnit {
  name: string;
  code: string;
  service: string;
  row: number;
  community: number;
  status: string;
  value: number | null;
  unit: string;
  target: number | null;
  deficit: number | null;
  deficit_unit: string;
  residents: number | null;
  people: number | null;
  conditions: { service: string; status: string; unit: string; value: number | null; target: number | null }[];
}

/** A rule (or one service of it) as the map can be coloured by it; arrays run along the communities. */
interface Theme extends Tally {
  index: number;
  plan: string;
  rule: string;
  service: string;
  level: string;
  counted: string;
  judged: string;
  of_units: number;
  clause: string;
  role: string;
  scope: string;
  unit: string;
  deficit_unit: string;
  comparator: string;
  year: number | null;
  assumptions: number;
  criterion: string;
  status: string;
  target: number | null | (number | null)[];
  value: (number | null)[];
  deficit: (number | null)[];
  people: (number | null)[];
  notes?: number[] | number;
  turns_at?: string[];
  contribution?: (number | null)[];
  breaks: Record<string, number[]>;
  verdicts: Verdict[];
  unlisted?: number;
  facilities: any;
  areas: { level: string; row: number[]; status: string; value: (number | null)[]; adds?: (number | null)[] }[];
  units: { level?: string; judged?: number; short?: ShortUnit[] };
  facilityPlaces?: Record<string, number>;
  /** End of the key of words on its communities, made once: of urban ones, of villages, or blank. */
  villages?: string;
}

/** A headline target of the first screen. */
interface Headline {
  theme: number;
  met: number;
  short: number;
  level: string;
  unit: string;
  comparator: string;
  certainty: string;
  status: string;
  deficit_unit: string;
  people: number | null;
  deficit: number | null;
  value: number | null;
  target: number | null;
  target_year: number | null;
  baseline: number | null;
  /** Themes of other rules that ask the same of the same units. */
  also: number[];
  /** Why no site is proposed for it; blank where one is. */
  no_sites: string;
  /** In which catchments how many stations are to be added; null where in none. */
  stations: Record<string, string> | null;
  /** Stations over the limit by people alone, and how many more would keep each within it; null where none is. */
  by_people: Record<string, string> | null;
}

interface Communities {
  code: string[];
  name: string[];
  initials: string[];
  township: number[];
  county: number[];
  kind: string[];
  scope: string[];
  residents: (number | null)[];
  edge: number[];
  shape: string[];
  x: number[];
  y: number[];
  street: string[];
}

/** The data block of the page. */
interface PageData {
  lang: string;
  name: string;
  place: string;
  note: Record<string, string>;
  mode: string;
  date: string;
  review_number: string | null;
  sources: string[];
  words: Record<string, Record<string, string>>;
  services: Record<string, Record<string, string>>;
  plans: any[];
  origin: number[];
  communities: Communities;
  townships: { code: string; name: string; initials: string }[];
  counties: string[];
  topics: string[];
  headlines: Headline[];
  totals: Record<string, Tally>;
  no_data: number[];
  minutes: Record<string, { p50?: (number | null)[]; p90?: (number | null)[]; unreached?: (number | null)[]; nearest?: number[] }>;
  themes: Theme[];
  areas: Record<string, { code: string[]; name: string[]; shape: string[]; flat?: any[]; rows?: Map<string, number> }>;
  notes: Record<string, string>[];
  boundary: string;
  streets: any;
  water: any;
  facilities: Record<string, any>;
  gaps: Record<string, any>;
  circles: any;
  isochrones: Record<string, any[]>;
  catchments: Record<string, any[]>;
  proposals: { basis: string; sites: any[]; chosen: any[]; curve: any[]; first: { lead: Record<string, string>; lines: { said: Record<string, string>; sites?: number[]; plan?: string; rule?: string; station?: string; name?: Record<string, string> }[] } };
  scenarios: any[];
  network: any;
  routes: any;
  basemap: any;
  pages: { counties: { code: string; name: string; communities: number; short: number; people: number | null; page: string; shape: string }[]; whole: string };
}

/** What the reader has chosen; every part of the page is drawn from it. */
interface State {
  lang: string;
  theme: Theme | null;
  view: Theme | null;
  measure: string;
  scenario: number | null;
  after: boolean;
  community: number | null;
  facility: { service: string; row: number } | null;
  township: number | null;
  spot: number[] | null;
  site: number | null;
  tab: string;
  compare: boolean;
  against: Theme | null;
  side: string;
  sort: string;
  down: boolean;
  show: string;
  sure: string;
  least: number;
  only: number | null;
  open: boolean;
}

/** The one name that the scripts hang on: data, state, and the functions that parts offer to others. */
interface Page {
  data: PageData;
  state: State;
  choose(change: Partial<State> & { fly?: boolean; all?: boolean; redraw?: string[] }): void;
  part(name: string, keys: (keyof State)[], draw: (state: State) => void): void;
  [offered: string]: any;
}
