// What the status bar says of the server's `aspm/status`. Pure, so that it is tested without VS Code.

/** The parameters of the server's notification `aspm/status`. */
export interface Status {
  version: number;
  state: "loading" | "ready" | "degraded" | "not_configured";
  sources: Source[];
  counts: Counts;
  /** Configuration errors and notices, one sentence each. */
  messages?: string[];
}

export interface Source {
  name: string;
  kind: string;
  state: "loading" | "ready" | "partial" | "no_data";
  findings: number;
  /** RFC 3339. */
  scanned_at?: string;
  scan_commit?: string;
  /** What is missing or doubtful, one sentence each. */
  problems?: string[];
}

/** Open findings by where they stand. */
export interface Counts {
  open: number;
  pending: number;
  placed: number;
  uncertain: number;
  gone: number;
  unplaced: number;
}

/** What the status-bar item shows. */
export interface Display {
  /** With a theme icon, such as `$(shield)`. */
  text: string;
  /** Plain text; some of it comes from scan results and is not to be trusted as Markdown. */
  tooltip: string;
  /** Whether it is coloured as an error: only without a server. Missing data has its icon and its words. */
  isError: boolean;
}

const CLICK = "Click for the log.";

/** While the server starts or is started again. */
export const STARTING: Display = {
  text: "$(sync~spin) ASPM",
  tooltip: `ASPM: the server is starting.\n${CLICK}`,
  isError: false,
};

/** When there is no server; `reason` says why and what to do. */
export function stopped(reason: string): Display {
  return { text: "$(error) ASPM", tooltip: `ASPM: no findings are shown.\n${reason}\n${CLICK}`, isError: true };
}

/** What a status says, `now` being the time that ages are counted to. */
export function display(status: Status, now: Date): Display {
  if (status.state === "not_configured") {
    const how = "Put a scanner's SARIF log into .aspm/, or name your own in aspm.toml.";
    return { text: "$(shield) ASPM", tooltip: `ASPM: nothing is set up in this workspace.\n${how}\n${CLICK}`, isError: false };
  }
  // Code that is gone is no finding any more for the person who just fixed it, even if the platform has yet to agree.
  const here = status.counts.open - status.counts.gone;
  // Without data, "0 findings" would be a false all-clear.
  const blind = status.state === "degraded" && status.sources.every((source) => source.state === "no_data");
  const headline = blind ? "No findings data" : plural(here, "finding");
  return {
    text: `$(${icon(status.state)}) ${status.state === "loading" && here === 0 ? "ASPM" : headline}`,
    tooltip: [
      status.state === "loading" ? "ASPM: reading findings…" : `ASPM: ${lowerFirst(headline)} in this workspace`,
      ...breakdown(status.counts),
      ...status.sources.flatMap((source) => ["", ...describe(source, now)]),
      ...(status.messages?.length ? ["", ...status.messages] : []),
      "",
      CLICK,
    ].join("\n"),
    isError: false,
  };
}

function icon(state: Status["state"]): string {
  switch (state) {
    case "loading":
      return "sync~spin";
    case "ready":
      return "shield";
    case "degraded":
      return "warning";
    case "not_configured":
      return "shield";
  }
}

function breakdown(counts: Counts): string[] {
  const parts: [number, string][] = [
    [counts.placed, "in the code"],
    [counts.uncertain, "at a best guess"],
    [counts.unplaced, "without a place in the code"],
    [counts.pending, "not looked at yet"],
    [counts.gone, "fixed here, pending scan"],
  ];
  return parts.filter(([count]) => count > 0).map(([count, what]) => `• ${count} ${what}`);
}

function describe(source: Source, now: Date): string[] {
  const facts =
    source.state === "no_data"
      ? "no data"
      : source.state === "loading"
        ? "being read"
        : `${plural(source.findings, "finding")}${source.state === "partial" ? ", incomplete" : ""}${scan(source, now)}`;
  const name = source.name === source.kind ? source.name : `${source.name} (${source.kind})`;
  return [`${name}: ${facts}`, ...(source.problems ?? []).map((problem) => `• ${problem}`)];
}

function scan(source: Source, now: Date): string {
  const age = source.scanned_at ? ago(new Date(source.scanned_at), now) : "";
  const commit = source.scan_commit ? `at ${source.scan_commit.slice(0, 8)}` : "";
  return age || commit ? `, scanned ${[age, commit].filter(Boolean).join(" ")}` : "";
}

/** In the words that the server uses in its hovers. */
function ago(then: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - then.getTime()) / 60_000);
  const days = Math.floor(minutes / 1440);
  if (Number.isNaN(minutes)) {
    return "";
  }
  if (days < -1) {
    return `on ${then.toISOString().slice(0, 10)}`; // Some clock is wrong.
  }
  if (minutes < 60) {
    return minutes < 1 ? "just now" : `${plural(minutes, "minute")} ago`;
  }
  if (days < 2) {
    return days < 1 ? `${plural(Math.floor(minutes / 60), "hour")} ago` : "yesterday";
  }
  const [length, unit]: [number, string] = days < 14 ? [1, "day"] : days < 60 ? [7, "week"] : days < 730 ? [30, "month"] : [365, "year"];
  return `${plural(Math.floor(days / length), unit)} ago`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
